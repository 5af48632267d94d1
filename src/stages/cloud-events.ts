import { OrdoError } from '../errors.ts';
import type { LogRecord, NewRecord } from '../ports/log.ts';

export type EventType = 'image' | 'task' | 'evidence' | 'label' | 'dead-letter' | 'resolution';

export type TypeName<T extends EventType = EventType> = `ordo.${T}.v1`;

/** Headers of a record, of which `ce_type` says what kind it is. */
export type EventHeaders<T extends EventType = EventType> = Readonly<Record<string, string>> & {
  readonly ce_type: TypeName<T>;
};

/** What a record says beside its topic and place: the part of a NewRecord that does not depend on the log. */
export interface Message<T extends EventType = EventType> extends Pick<NewRecord, 'key' | 'value'> {
  headers: EventHeaders<T>;
}

/** The identity of an image: CloudEvents `source` (a URI reference) and `id`. */
export interface ImageIdentity {
  source: string;
  id: string;
}

const utf8 = new TextEncoder();

/** The value of the header `ce_type`. */
export function typeName<T extends EventType>(type: T): TypeName<T> {
  return `ordo.${type}.v1`;
}

/**
 * CloudEvents 1.0 attributes in binary content mode, named as the Kafka protocol binding names them
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md).
 */
export function cloudEventHeaders<T extends EventType>(
  type: T,
  identity: ImageIdentity,
  timeMs: number,
  trace: Readonly<Record<string, string>> = {},
): EventHeaders<T> {
  return {
    ce_specversion: '1.0',
    ce_type: typeName(type),
    ce_source: identity.source,
    ce_id: identity.id,
    ce_time: new Date(isDate(timeMs) ? timeMs : 0).toISOString(),
    'content-type': 'application/protobuf',
    ...trace,
  };
}

/** Whether milliseconds since 1970 fall in the years 0 to 9999, the ones that RFC 3339 can write. */
function isDate(timeMs: number): boolean {
  return timeMs >= -62_167_219_200_000 && timeMs < 253_402_300_800_000;
}

/** Whether milliseconds since 1970 name a time that a date can hold (ECMAScript: up to 100 million days off). */
export function isTime(timeMs: number): boolean {
  return Number.isSafeInteger(timeMs) && Math.abs(timeMs) <= 8.64e15;
}

/** RFC 3339, in which a time names its offset from UTC: without one it would be another on each machine. */
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i;

/**
 * When what a record tells of took place, as far as its value does not say: `ce_time`, or else the log's time of the
 * record, in milliseconds since 1970; 0 where neither is a time. The same each time the record is read.
 */
export function timeOf({ headers, timestampMs }: Pick<LogRecord, 'headers' | 'timestampMs'>): number {
  const { ce_time: text = '' } = headers;
  const timeMs = RFC_3339.test(text) ? Date.parse(text.toUpperCase()) : NaN;
  return [timeMs, timestampMs].find(isTime) ?? 0;
}

/** The identity that a record's headers claim. Errors: RECORD_INVALID if `ce_source` or `ce_id` is missing or empty. */
export function identityOf(record: Pick<LogRecord, 'headers'>): ImageIdentity {
  const { ce_source: source, ce_id: id } = record.headers;
  if (!source || !id) throw new OrdoError('RECORD_INVALID', 'the headers ce_source and ce_id must name the image');
  return { source, id };
}

/** The key under which an image's tasks and evidence travel. A source holds no space (RFC 3986), so keys are distinct. */
export function imageKey(identity: ImageIdentity): Uint8Array {
  return utf8.encode(`${identity.source} ${identity.id}`);
}

/** The key under which a stream's images and labels travel, so that they keep their order. */
export function streamKey(stream: string): Uint8Array {
  return utf8.encode(stream);
}
