/** One record of each kind, made by the code that makes them in a pipeline: the document takes its headers from them. */
import { create } from '@bufbuild/protobuf';
import { traceContextHeaders } from '../../src/adapters/telemetry/trace-context.ts';
import { createTraceState } from '@opentelemetry/api';
import { OrdoError } from '../../src/errors.ts';
import type { LogRecord } from '../../src/ports/log.ts';
import { EvidenceSchema, LabelSchema, ScoreTaskSchema } from '../../src/records/gen/ordo/v1/records_pb.js';
import type { EventType, Message } from '../../src/stages/cloud-events.ts';
import {
  encodeDeadLetter,
  encodeEvidence,
  encodeImageEvent,
  encodeLabel,
  encodeResolution,
  encodeTask,
} from '../../src/stages/codec.ts';
import { ADDRESSES, exampleOf } from './names.ts';

const TAKEN_MS = Date.UTC(2026, 0, 31, 12, 0, 0, 250);
const IDENTITY = { source: 'urn:example:gate', id: '000017' };
const IMAGE = { ...IDENTITY, stream: 'gate/camera-1', capturedAtMs: BigInt(TAKEN_MS) };
const STATE = { image: IMAGE, evidence: [{}] };

/** The example of https://www.w3.org/TR/trace-context/. */
const TRACE = traceContextHeaders({
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  traceFlags: 1,
  traceState: createTraceState('congo=t61rcWkgMzE'),
});

const image = encodeImageEvent(
  { ...IDENTITY, stream: IMAGE.stream, capturedAtMs: TAKEN_MS, attributes: {} },
  { inline: new Uint8Array() },
  TRACE,
);
const letter = encodeDeadLetter(
  placed(ADDRESSES.images, image, 42),
  'tokenize',
  new OrdoError('IMAGE_CORRUPT', 'the image is cut short'),
);

export const SAMPLES: { readonly [T in EventType]: Message<T> } = {
  image,
  task: encodeTask(create(ScoreTaskSchema, { state: STATE, round: { index: 1 } }), TRACE),
  evidence: encodeEvidence(create(EvidenceSchema, { state: STATE }), TRACE),
  label: encodeLabel(create(LabelSchema, { image: IMAGE }), TRACE),
  'dead-letter': letter,
  resolution: encodeResolution(placed(ADDRESSES.deadLetters, letter, 7), 'replayed', TAKEN_MS + 3_600_000),
};

function placed(template: string, message: Message, offset: number): LogRecord {
  return { ...message, topic: exampleOf(template), partition: 3, offset, timestampMs: TAKEN_MS + 120 };
}
