import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, OrdoError } from '../../src/errors.ts';
import type { ConsumeOptions, Consumer, Log, LogRecord, NewRecord, PartitionOffset } from '../../src/ports/log.ts';

/** An empty log under test. */
export interface LogSubject {
  log: Log;
  /** Another handle on the same log, such as another process would have. */
  reopen(): Promise<Log>;
  /** Closes all handles and removes the log. */
  dispose(): Promise<void>;
}

/** What the suite asks of the adapter beyond its defaults. */
export interface LogSubjectOptions {
  sessionTimeoutMs: number;
  maxRecordBytes: number;
  retentionIntervalMs: number;
  /** Most bytes that are deleted at a time, where an adapter can be told. */
  retentionGranuleBytes?: number;
}

export type LogOpener = (options: LogSubjectOptions) => Promise<LogSubject>;

/** How slow an adapter may be. */
export interface LogTuning {
  /** The session timeout of consumers that are to lose it. */
  sessionTimeoutMs: number;
  /** Longest wait for what must come about in the end. */
  settleMs: number;
  /** How long it may take until a consumer that polls is aware of what was published. */
  noticeMs: number;
  /** The retention age of records that are to be deleted. */
  retentionAgeMs: number;
  /** Runs of the property test. */
  modelRuns: number;
}

export type LogPart = (open: LogOpener, tuning: LogTuning) => void;

export const MAX_RECORD_BYTES = 256 * 1024;

/** A log that each test of a `describe` gets anew. */
export function eachLog(open: LogOpener, tuning: LogTuning, more: Partial<LogSubjectOptions> = {}): LogSubject {
  let current: LogSubject | undefined;
  const subject = () => current ?? assert.fail('the log is open only while a test runs');
  beforeEach(async () => {
    const { sessionTimeoutMs } = tuning;
    const options = { sessionTimeoutMs, maxRecordBytes: MAX_RECORD_BYTES, retentionIntervalMs: 20 };
    current = await open({ ...options, ...more });
  });
  afterEach(async () => {
    await current?.dispose();
  });
  return {
    get log() {
      return subject().log;
    },
    reopen: () => subject().reopen(),
    dispose: () => subject().dispose(),
  };
}

/** A record that says `text`. */
export function record(topic: string, partition: number, text: string): NewRecord {
  return { topic, partition, key: Buffer.from(`key of ${text}`), headers: { text }, value: Buffer.from(text) };
}

/** Records that say `first`, `first + 1`, and so on. */
export function records(topic: string, partition: number, count: number, first = 0): NewRecord[] {
  return Array.from({ length: count }, (_, i) => record(topic, partition, `${first + i}`));
}

export function textOf({ value }: { value: Uint8Array }): string {
  return Buffer.from(value).toString();
}

export const texts = (found: readonly LogRecord[]) => found.map(textOf);

/** All of a partition. */
export async function contentOf(log: Log, topic: string, partition = 0): Promise<string[]> {
  return texts(await log.read({ topic, partition, offset: 0, maxRecords: 100_000, waitMs: 0 }));
}

/** The topic's bounds, by partition. */
export async function boundsOf(log: Log, topic: string): Promise<{ start: number; end: number }[]> {
  const found = (await log.topics()).find((info) => info.name === topic);
  return found?.offsets ?? assert.fail(`there is no topic ${topic}`);
}

/** Joins group `group`, from the earliest, unless the options say otherwise. */
export function join(log: Log, options: Partial<ConsumeOptions> & { topics: readonly string[] }): Promise<Consumer> {
  return log.consume({ group: 'group', from: 'earliest', ...options });
}

/** Polls until there are that many records. */
export async function take(consumer: Consumer, count: number, tuning: LogTuning): Promise<LogRecord[]> {
  const found: LogRecord[] = [];
  const deadline = Date.now() + tuning.settleMs;
  while (found.length < count) {
    if (Date.now() > deadline) assert.fail(`${found.length} of ${count} records came: ${texts(found).join(' ')}`);
    found.push(...(await consumer.poll({ maxRecords: count - found.length, waitMs: 100 })));
  }
  return found;
}

/** The offsets that a consumer commits when it is done with the records. */
export function offsetsAfter(done: readonly LogRecord[], metadata = ''): PartitionOffset[] {
  const last = new Map(done.map((entry) => [`${entry.topic}/${entry.partition}`, entry]));
  return [...last.values()].map(({ topic, partition, offset }) => ({ topic, partition, offset: offset + 1, metadata }));
}

/** Waits until the condition holds. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, tuning: { settleMs: number }) {
  const deadline = Date.now() + tuning.settleMs;
  while (!(await condition())) {
    if (Date.now() > deadline) assert.fail(`not within ${tuning.settleMs} ms: ${what}`);
    await sleep(10);
  }
}

/** Waits until each of the consumers has that many partitions. */
export function untilShared(consumers: readonly Consumer[], counts: readonly number[], tuning: LogTuning) {
  const shares = () => consumers.map((consumer) => consumer.assignment().length);
  return until(`shares of ${counts.join(', ')}`, () => shares().join() === counts.join(), tuning);
}

export function rejectsWith(code: ErrorCode, work: Promise<unknown>): Promise<void> {
  return assert.rejects(work, (error) => error instanceof OrdoError && error.code === code);
}
