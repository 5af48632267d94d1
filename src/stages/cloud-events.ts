import { OrdoError } from '../errors.ts';
import type { LogRecord, NewRecord } from '../ports/log.ts';

/** What a record says beside its topic and place: the part of a NewRecord that does not depend on the log. */
export type Message = Pick<NewRecord, 'key' | 'headers' | 'value'>;

/** The identity of an image: CloudEvents `source` (a URI reference) and `id`. */
export interface ImageIdentity {
  source: string;
  id: string;
}

export type EventType = 'image' | 'task' | 'evidence' | 'label' | 'dead-letter' | 'resolution';

const utf8 = new TextEncoder();

/**
 * CloudEvents 1.0 attributes in binary content mode, named as the Kafka protocol binding names them
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md).
 */
export function cloudEventHeaders(
  type: EventType,
  identity: ImageIdentity,
  timeMs: number,
  trace: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_type: `ordo.${type}.v1`,
    ce_source: identity.source,
    ce_id: identity.id,
    ce_time: new Date(isTime(timeMs) ? timeMs : 0).toISOString(),
    'content-type': 'application/protobuf',
    ...trace,
  };
}

/** Whether milliseconds since 1970 name a time that a date can hold (ECMAScript: up to 100 million days off). */
export function isTime(timeMs: number): boolean {
  return Number.isSafeInteger(timeMs) && Math.abs(timeMs) <= 8.64e15;
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
