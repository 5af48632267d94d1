import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { OrdoError } from '../errors.ts';
import type { BlobReference } from '../ports/blobs.ts';
import type { LogRecord } from '../ports/log.ts';
import {
  type DeadLetter,
  DeadLetterSchema,
  type Evidence,
  EvidenceSchema,
  type ImageEvent,
  ImageEventSchema,
  type Label,
  LabelSchema,
  Resolution_Action,
  ResolutionSchema,
  type ScoreTask,
  ScoreTaskSchema,
} from '../records/gen/ordo/v1/records_pb.js';
import { quoted } from '../text.ts';
import {
  cloudEventHeaders,
  type EventType,
  type ImageIdentity,
  imageKey,
  type Message,
  streamKey,
  typeName,
} from './cloud-events.ts';

export type { DeadLetter, Evidence, ImageEvent, Label, ScoreTask };
export type TraceHeaders = Readonly<Record<string, string>>;

/** The message that is the value of each kind of record. */
export const SCHEMAS = {
  image: ImageEventSchema,
  task: ScoreTaskSchema,
  evidence: EvidenceSchema,
  label: LabelSchema,
  'dead-letter': DeadLetterSchema,
  resolution: ResolutionSchema,
} as const satisfies Record<EventType, DescMessage>;

/** What a producer says of an image. */
export interface ImageDescription extends ImageIdentity {
  stream: string;
  capturedAtMs: number;
  attributes: Readonly<Record<string, string>>;
}

export type ImageContent = { inline: Uint8Array } | { blob: BlobReference };

/** An image for the topic `images`. */
export function encodeImageEvent(
  image: ImageDescription,
  content: ImageContent,
  trace: TraceHeaders = {},
): Message<'image'> {
  const event = create(ImageEventSchema, {
    stream: image.stream,
    capturedAtMs: BigInt(image.capturedAtMs),
    content:
      'inline' in content
        ? { case: 'inline', value: content.inline }
        : { case: 'blob', value: { ...content.blob, sizeBytes: BigInt(content.blob.sizeBytes) } },
    attributes: Object.entries(image.attributes).map(([name, value]) => ({ name, value })),
  });
  return {
    key: streamKey(image.stream),
    headers: cloudEventHeaders('image', image, image.capturedAtMs, trace),
    value: toBinary(ImageEventSchema, event),
  };
}

/** Where an image's bytes are if they are not in the record. Error: RECORD_INVALID if the digest is none. */
export function claimCheckOf({ content }: ImageEvent): BlobReference | undefined {
  if (content.case !== 'blob') return undefined;
  const { uri, sha256, sizeBytes } = content.value;
  if (sha256.length !== 32) throw new OrdoError('RECORD_INVALID', 'the digest of the claim check must have 32 bytes');
  return { uri, sha256, sizeBytes: Number(sizeBytes) };
}

/** A task for the topics `tasks` and `tasks.next`. */
export function encodeTask(task: ScoreTask, trace: TraceHeaders = {}): Message<'task'> {
  return derived('task', task, `task:${task.round?.index}`, trace);
}

/** Evidence for the topic `evidence`. */
export function encodeEvidence(evidence: Evidence, trace: TraceHeaders = {}): Message<'evidence'> {
  return derived('evidence', evidence, `evidence:${evidence.state?.evidence.length}`, trace);
}

/** An outcome for the topic `labels`. */
export function encodeLabel(label: Label, trace: TraceHeaders = {}): Message<'label'> {
  const { source = '', id = '', stream = '', capturedAtMs = 0n } = label.image ?? {};
  return {
    key: streamKey(stream),
    headers: cloudEventHeaders('label', { source, id: `${id}/label` }, Number(capturedAtMs), trace),
    value: toBinary(LabelSchema, label),
  };
}

/** A record that could not be processed, whole, with the reason. */
export function encodeDeadLetter(record: LogRecord, stage: string, error: OrdoError): Message<'dead-letter'> {
  const letter = create(DeadLetterSchema, {
    code: error.code,
    message: error.reason,
    stage,
    topic: record.topic,
    partition: record.partition,
    offset: BigInt(record.offset),
    key: record.key,
    headers: Object.entries(record.headers).map(([name, value]) => ({ name, value })),
    value: record.value,
  });
  const identity = { source: `urn:ordo:${record.topic}`, id: `${record.partition}:${record.offset}/dead-letter` };
  return {
    key: record.key,
    headers: { ...cloudEventHeaders('dead-letter', identity, record.timestampMs), ordo_code: error.code },
    value: toBinary(DeadLetterSchema, letter),
  };
}

/** What an operator did with a dead letter, for the topic `dead-letters.resolved`. */
export function encodeResolution(
  letter: LogRecord,
  action: 'replayed' | 'dropped',
  atMs: number,
): Message<'resolution'> {
  const { partition, offset, key } = letter;
  const resolution = create(ResolutionSchema, {
    partition,
    offset: BigInt(offset),
    action: action === 'replayed' ? Resolution_Action.REPLAYED : Resolution_Action.DROPPED,
  });
  const identity = { source: `urn:ordo:${letter.topic}`, id: `${partition}:${offset}/resolution` };
  return {
    key,
    headers: cloudEventHeaders('resolution', identity, atMs),
    value: toBinary(ResolutionSchema, resolution),
  };
}

/** Errors of all decoders: RECORD_INVALID if the value is not the message that the topic holds. */
export const decodeImageEvent = decoder('image');
export const decodeTask = decoder('task');
export const decodeEvidence = decoder('evidence');
export const decodeLabel = decoder('label');
export const decodeDeadLetter = decoder('dead-letter');
export const decodeResolution = decoder('resolution');

function decoder<T extends EventType>(type: T): (record: LogRecord) => MessageShape<(typeof SCHEMAS)[T]> {
  const expected = typeName(type);
  const schema = SCHEMAS[type];
  return (record) => {
    const claimed = record.headers.ce_type;
    if (claimed !== expected) {
      throw new OrdoError(
        'RECORD_INVALID',
        `expected a record of type ${expected}, got ${claimed === undefined ? 'one without ce_type' : quoted(claimed)}`,
      );
    }
    try {
      return fromBinary(schema, record.value);
    } catch (cause) {
      throw new OrdoError('RECORD_INVALID', `the value is no ${schema.typeName}: ${String(cause)}`, { cause });
    }
  };
}

function derived<T extends 'task' | 'evidence'>(
  type: T,
  message: MessageShape<(typeof SCHEMAS)[T]>,
  suffix: string,
  trace: TraceHeaders,
): Message<T> {
  const { source = '', id = '', capturedAtMs = 0n } = message.state?.image ?? {};
  return {
    key: imageKey({ source, id }),
    headers: cloudEventHeaders(type, { source, id: `${id}/${suffix}` }, Number(capturedAtMs), trace),
    value: toBinary(SCHEMAS[type], message),
  };
}
