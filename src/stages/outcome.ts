import { create } from '@bufbuild/protobuf';
import type { Decision, Statistic } from '../domain/types.ts';
import type { OrdoError } from '../errors.ts';
import type { LogRecord, NewRecord } from '../ports/log.ts';
import { type ImageRef, ImageRefSchema, type Label, LabelSchema } from '../records/gen/ordo/v1/records_pb.js';
import { timeOf } from './cloud-events.ts';
import { encodeDeadLetter, encodeLabel, type TraceHeaders } from './codec.ts';
import type { StageContext } from './context.ts';
import { type CheckedState, checkImage, type ModelShape } from './state.ts';

/** The label of an image on which a decision was reached. */
export function classifiedLabel(
  { message, image, profile }: CheckedState,
  decision: Decision,
  model: ModelShape,
  how: { statistic: Statistic; ruledOut: number },
): Label {
  const nameOf = (classId: number) => model.classes[classId] ?? '';
  const { classId, posterior, margin, logLikelihood, logEvidence, disagreement, orders, rows, rounds, pruned } =
    decision;
  const top = decision.top.map((entry) => ({ ...entry, className: nameOf(entry.classId) }));
  const value = {
    classId,
    className: nameOf(classId),
    posterior,
    top,
    margin,
    logLikelihood,
    logEvidence,
    disagreement,
    orders,
    rows,
    rounds,
    pruned,
    ...how,
    maxOrders: message.maxOrders,
  };
  return create(LabelSchema, { image, model: model.digest, profile, outcome: { case: 'classified', value } });
}

/** A record that is given up, and what its dead letter holds of it. */
export interface GivenUp {
  record: LogRecord;
  kept?: LogRecord | undefined;
}

/** The dead letter of a record, and the outcome `failed` of the image it was about. */
export function failure(
  context: StageContext,
  stage: string,
  { record, kept = record }: GivenUp,
  error: OrdoError,
  findImage: (record: LogRecord) => ImageRef | undefined,
): NewRecord[] {
  const image = readable(record, findImage) ?? unreadableImage(record, stage);
  const value = { code: error.code, message: error.reason, stage };
  const label = create(LabelSchema, { image, outcome: { case: 'failed', value } });
  return [context.router.to('deadLetters', encodeDeadLetter(kept, stage, error)), outcomeRecord(context, label)];
}

function readable(record: LogRecord, findImage: (record: LogRecord) => ImageRef | undefined): ImageRef | undefined {
  try {
    const image = findImage(record);
    if (image) checkImage(image);
    return image;
  } catch {
    return undefined;
  }
}

/** Longer names of what cannot be read anyway are not repeated. */
const MOST_IDENTITY = 1024;
const MOST_STREAM_BYTES = 256;

/** What the ids of tasks and evidence add to that of their image. */
const DERIVED = /\/(task|evidence):[0-9]+$/;

/** What can be said of an image whose record cannot be read: its headers' identity, or else its place in the log. */
function unreadableImage(record: LogRecord, stage: string): ImageRef {
  const { ce_source: source, ce_id: own } = record.headers;
  const id = stage === 'tokenize' ? own : own?.replace(DERIVED, '');
  const identified = source && id && source.length + id.length <= MOST_IDENTITY;
  return create(ImageRefSchema, {
    source: identified ? source : `urn:ordo:${record.topic}`,
    id: identified ? id : `${record.partition}:${record.offset}`,
    stream: new TextDecoder().decode(record.key.subarray(0, MOST_STREAM_BYTES)),
    capturedAtMs: BigInt(timeOf(record)),
  });
}

/** The outcome `expired`, if the image is older than the pipeline allows; else nothing. */
export function expiry(context: StageContext, image: ImageRef, trace: TraceHeaders): NewRecord[] | undefined {
  const { maxAgeMs } = context;
  if (maxAgeMs === undefined || context.now() - Number(image.capturedAtMs) <= maxAgeMs) return undefined;
  const outcome = { case: 'expired' as const, value: { maxAgeMs: BigInt(maxAgeMs) } };
  return [outcomeRecord(context, create(LabelSchema, { image, outcome }), trace)];
}

/** What is counted of outcomes, by their records, once these are on the log. */
const uncounted = new WeakMap<NewRecord, { outcome: string; capturedAtMs: number }>();

/** The record of an image's outcome, which `countOutcomes` counts. */
export function outcomeRecord({ router }: StageContext, label: Label, trace: TraceHeaders = {}): NewRecord {
  const record = router.to('labels', encodeLabel(label, trace));
  uncounted.set(record, { outcome: label.outcome.case ?? '', capturedAtMs: Number(label.image?.capturedAtMs ?? 0) });
  return record;
}

/** Counts the outcomes among outputs that are on the log now. */
export function countOutcomes({ telemetry, now }: StageContext, outputs: readonly NewRecord[]): void {
  for (const { outcome, capturedAtMs } of outputs.flatMap((record) => uncounted.get(record) ?? [])) {
    telemetry.count('ordo_images_total', { outcome });
    telemetry.observe('ordo_image_seconds', { outcome }, Math.max(0, now() - capturedAtMs) / 1000);
  }
}
