import { type PipelineNames, type PipelineSpec, topicNames } from '../app/spec.ts';
import { asOrdoError, OrdoError } from '../errors.ts';
import type { Blobs } from '../ports/blobs.ts';
import type { Log, LogRecord, NewRecord } from '../ports/log.ts';
import { type Resolution, Resolution_Action } from '../records/gen/ordo/v1/records_pb.js';
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

/** A record that stands where a dead letter does, or what was done with one, and cannot be read as that. */
export interface UnreadableLetter {
  /** PARTITION:OFFSET of the record, behind the name of its topic if that is not the dead letters'. */
  id: string;
  record: LogRecord;
  error: OrdoError;
  resolved?: ResolutionAction;
}

export type FoundLetter = StoredLetter | UnreadableLetter;

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
  /** At most so many, without those that cannot be read. */
  limit?: number;
  /** Takes in those that were replayed or dropped before. */
  includeResolved: boolean;
}

/**
 * The dead letters of a pipeline that pass the filter, oldest first. One that cannot be read passes whatever its code and
 * stage are to be, since nobody knows them; a record that was to say what was done with a letter passes in any case.
 * Errors: those of reading the log.
 */
export async function* readDeadLetters(
  log: Log,
  pipeline: PipelineNames,
  filter: LetterFilter,
): AsyncGenerator<FoundLetter, void> {
  const topics = topicNames(pipeline);
  const { resolutions, unreadable } = await readResolutions(log, topics.resolved);
  yield* unreadable;
  let left = filter.limit ?? Infinity;
  for await (const record of readTopic(log, topics.deadLetters, { from: 'earliest' })) {
    const found = toLetter(record, resolutions);
    if (!passes(found, filter)) continue;
    yield found;
    if (!('error' in found)) left -= 1;
    if (left === 0) return;
  }
}

function toLetter(record: LogRecord, resolutions: ReadonlyMap<string, ResolutionAction>): FoundLetter {
  const id = idOf(record);
  const resolved = resolutions.get(id);
  const place = { id, record, ...(resolved && { resolved }) };
  try {
    return { ...place, letter: decodeDeadLetter(record) };
  } catch (error) {
    return { ...place, error: asOrdoError(error) };
  }
}

function idOf({ partition, offset }: { partition: number; offset: number | bigint }): string {
  return `${partition}:${offset}`;
}

function passes(found: FoundLetter, filter: LetterFilter): boolean {
  const { ids, codes, stages, sinceMs = -Infinity, untilMs = Infinity, includeResolved } = filter;
  const { id, record, resolved } = found;
  const among = (list: readonly string[] | undefined, value: string) => !list || list.includes(value);
  const inTime = record.timestampMs >= sinceMs && record.timestampMs <= untilMs;
  const ofKind = 'error' in found || (among(codes, found.letter.code) && among(stages, found.letter.stage));
  return inTime && among(ids, id) && ofKind && (includeResolved || !resolved);
}

interface Resolutions {
  /** What was done last with each letter, by its id. */
  resolutions: Map<string, ResolutionAction>;
  unreadable: UnreadableLetter[];
}

async function readResolutions(log: Log, topic: string): Promise<Resolutions> {
  const found: Resolutions = { resolutions: new Map(), unreadable: [] };
  for await (const record of readTopic(log, topic, { from: 'earliest' })) {
    try {
      const resolution = decodeResolution(record);
      found.resolutions.set(idOf(resolution), actionOf(resolution));
    } catch (error) {
      found.unreadable.push({ id: `${topic} ${idOf(record)}`, record, error: asOrdoError(error) });
    }
  }
  return found;
}

function actionOf({ action }: Resolution): ResolutionAction {
  if (action === Resolution_Action.REPLAYED) return 'replayed';
  if (action === Resolution_Action.DROPPED) return 'dropped';
  throw new OrdoError('RECORD_INVALID', `what was done with the dead letter is not known here: action ${action}`);
}

export interface ResolveOptions {
  log: Log;
  spec: PipelineSpec;
  /** Where claim checks point to; asked for when a record that holds one is replayed. */
  blobs: () => Pick<Blobs, 'renew'>;
}

/** What is to be done with a letter. */
export interface Resolving {
  action: ResolutionAction;
  /** Whether it was named, by its id. What cannot be read may be anything: it is dropped only then. */
  named: boolean;
  /** Only looks whether it can be done, as far as the letter itself tells. */
  dryRun: boolean;
}

/**
 * Writes down what is done with a letter; to replay it is to publish its record as it holds it, on its topic and partition,
 * in the same step. Its image's blob is renewed before, so that it outlives the record once more; one that is gone
 * is left to the stage that will miss it.
 * Gives the error of a letter that cannot be resolved, so that the work on others goes on: INPUT_NOT_FOUND if it was
 * before, RECORD_INVALID if it cannot be read, or does not come from a topic of the pipeline, RECORD_TOO_LARGE,
 * LOG_TOPIC_UNKNOWN, those of renewing. Errors: those of the log, which concern all letters.
 */
export async function resolveLetter(
  options: ResolveOptions,
  found: FoundLetter,
  how: Resolving,
): Promise<OrdoError | undefined> {
  if (found.resolved) return new OrdoError('INPUT_NOT_FOUND', `the dead letter was ${found.resolved} before`);
  if ('error' in found && !how.named) return found.error;
  try {
    await (how.action === 'replayed' ? replay(options, found, how) : drop(options, found, how));
    return undefined;
  } catch (cause) {
    const error = asOrdoError(cause);
    if (concernsOneLetter(error)) return error;
    throw error;
  }
}

function concernsOneLetter({ code }: OrdoError): boolean {
  return /^(RECORD|BLOB)_/.test(code) || code === 'LOG_TOPIC_UNKNOWN';
}

async function drop({ log, spec }: ResolveOptions, found: FoundLetter, { dryRun }: Resolving): Promise<void> {
  if (!dryRun) await log.publish([resolutionOf(found, 'dropped', spec)]);
}

async function replay({ log, spec, blobs }: ResolveOptions, found: FoundLetter, { dryRun }: Resolving): Promise<void> {
  const letter = replayable(found, spec);
  if (dryRun) return;
  const replayed = original(letter);
  if (letter.topic === topicNames(spec).images) await renewBlob({ ...found.record, ...replayed }, blobs);
  await log.publish([replayed, resolutionOf(found, 'replayed', spec)]);
}

function replayable(found: FoundLetter, spec: PipelineSpec): DeadLetter {
  if ('error' in found) throw found.error;
  const { letter } = found;
  const known: readonly string[] = Object.values(topicNames(spec));
  if (letter.code === 'RECORD_TOO_LARGE' && letter.value.length === 0) {
    const place = `${letter.topic}/${idOf(letter)}`;
    throw new OrdoError('RECORD_INVALID', `the record was too large for its dead letter; it stands at ${place}`);
  }
  if (known.includes(letter.topic)) return letter;
  throw new OrdoError('RECORD_INVALID', `its record comes from ${letter.topic}, which is no topic of ${spec.name}`);
}

function resolutionOf({ record }: FoundLetter, action: ResolutionAction, spec: PipelineSpec): NewRecord {
  const router = createRouter(topicNames(spec), spec.topics.partitions);
  return router.to('resolved', encodeResolution(record, action, Date.now()));
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
