import { type PipelineNames, type PipelineSpec, topicNames } from '../app/spec.ts';
import { asOrdoError, OrdoError } from '../errors.ts';
import type { Blobs } from '../ports/blobs.ts';
import type { Log, LogRecord, NewRecord } from '../ports/log.ts';
import { Resolution_Action } from '../records/gen/ordo/v1/records_pb.js';
import {
  claimCheckOf,
  type DeadLetter,
  decodeDeadLetter,
  decodeImageEvent,
  decodeResolution,
  encodeResolution,
} from '../stages/codec.ts';
import { createRouter } from '../stages/router.ts';
import { readTopic } from './topic-reader.ts';

export type ResolutionAction = 'replayed' | 'dropped';

/** A dead letter as it stands in the log. */
export interface StoredLetter {
  /** PARTITION:OFFSET of the letter itself. */
  id: string;
  record: LogRecord;
  letter: DeadLetter;
  /** What was done with it last; absent: nothing yet. */
  resolved?: ResolutionAction;
}

/** Which dead letters; all conditions hold together. */
export interface LetterFilter {
  /** PARTITION:OFFSET of each; absent: any. */
  ids?: readonly string[];
  codes?: readonly string[];
  /** The stages that gave up on the record. */
  stages?: readonly string[];
  /** When the letter was written, milliseconds since 1970. */
  sinceMs?: number;
  untilMs?: number;
  /** At most so many. */
  limit?: number;
  /** Takes in those that were replayed or dropped before. */
  includeResolved: boolean;
}

/** The dead letters of a pipeline that pass the filter, oldest first. Errors: RECORD_INVALID. */
export async function* readDeadLetters(
  log: Log,
  pipeline: PipelineNames,
  filter: LetterFilter,
): AsyncGenerator<StoredLetter, void> {
  const topics = topicNames(pipeline);
  const resolutions = await readResolutions(log, topics.resolved);
  let left = filter.limit ?? Infinity;
  for await (const record of readTopic(log, topics.deadLetters, { from: 'earliest' })) {
    const id = `${record.partition}:${record.offset}`;
    const resolved = resolutions.get(id);
    const stored = { id, record, letter: decodeDeadLetter(record), ...(resolved && { resolved }) };
    if (!passes(stored, filter)) continue;
    yield stored;
    left -= 1;
    if (left === 0) return;
  }
}

function passes({ id, record, letter, resolved }: StoredLetter, filter: LetterFilter): boolean {
  const { ids, codes, stages, sinceMs = -Infinity, untilMs = Infinity, includeResolved } = filter;
  const among = (list: readonly string[] | undefined, value: string) => !list || list.includes(value);
  const inTime = record.timestampMs >= sinceMs && record.timestampMs <= untilMs;
  const wanted = among(ids, id) && among(codes, letter.code) && among(stages, letter.stage);
  return inTime && wanted && (includeResolved || !resolved);
}

async function readResolutions(log: Log, topic: string): Promise<Map<string, ResolutionAction>> {
  const found = new Map<string, ResolutionAction>();
  for await (const record of readTopic(log, topic, { from: 'earliest' })) {
    const { partition, offset, action } = decodeResolution(record);
    found.set(`${partition}:${offset}`, action === Resolution_Action.REPLAYED ? 'replayed' : 'dropped');
  }
  return found;
}

export interface ResolveOptions {
  log: Log;
  spec: PipelineSpec;
  /** Where claim checks point to; asked for when a record that holds one is replayed. */
  blobs: () => Pick<Blobs, 'renew'>;
}

/**
 * Writes down what is done with a letter; to replay it is to publish its record as it was, on its topic and partition,
 * in the same step. Its image's blob is renewed before, so that it outlives the record once more; one that is gone
 * is left to the stage that will miss it.
 * Errors: RECORD_INVALID if the letter does not come from a topic of the pipeline; those of publishing and renewing.
 */
export async function resolveLetter(
  { log, spec, blobs }: ResolveOptions,
  { id, record, letter }: StoredLetter,
  action: ResolutionAction,
): Promise<void> {
  const router = createRouter(topicNames(spec), spec.topics.partitions);
  const resolution = router.to('resolved', encodeResolution(record, action, Date.now()));
  if (action === 'dropped') return log.publish([resolution]);
  const known: readonly string[] = Object.values(router.topics);
  if (!known.includes(letter.topic)) {
    throw new OrdoError('RECORD_INVALID', `${id} comes from ${letter.topic}, which is no topic of ${spec.name}`);
  }
  const replayed = original(letter);
  if (letter.topic === router.topics.images) await renewBlob({ ...record, ...replayed }, blobs);
  await log.publish([replayed, resolution]);
}

async function renewBlob(image: LogRecord, blobs: ResolveOptions['blobs']): Promise<void> {
  try {
    const reference = claimCheckOf(decodeImageEvent(image));
    if (reference) await blobs().renew(reference);
  } catch (error) {
    const { code } = asOrdoError(error);
    if (code !== 'BLOB_NOT_FOUND' && code !== 'RECORD_INVALID') throw error;
  }
}

function original({ topic, partition, key, headers, value }: DeadLetter): NewRecord {
  return { topic, partition, key, headers: Object.fromEntries(headers.map((one) => [one.name, one.value])), value };
}
