import { setTimeout as sleep } from 'node:timers/promises';
import { asOrdoError, type OrdoError } from '../errors.ts';
import type { Log, LogRecord, TopicPartition } from '../ports/log.ts';

export interface FollowOptions {
  log: Log;
  topic: string;
  /** Where to begin: this many records before the end of each partition, or as far back as the log goes. */
  tail: number;
  /** Most records a read takes. */
  batch: number;
  signal: AbortSignal;
  onRecords: (records: readonly LogRecord[]) => void;
  /** Told what keeps the log from being read, and with undefined that it can be read again. */
  onTrouble?: (trouble: OrdoError | undefined) => void;
}

const WAIT_MS = 500;
const RETRY_MS = 1000;

/**
 * Reads a topic's newest records and then each new one, in no group, until the signal. Who falls behind is put forward to
 * `tail` records before the end: this is for watching, where the newest counts and memory is bounded.
 */
export async function followTopic(options: FollowOptions): Promise<void> {
  const partitions = await persist(options, () => tailOffsets(options));
  await Promise.all((partitions ?? []).map((offset, partition) => followPartition(options, partition, offset)));
}

async function followPartition(options: FollowOptions, partition: number, start: number): Promise<void> {
  const { log, topic, batch, signal, onRecords } = options;
  let offset = start;
  while (!signal.aborted) {
    const request = { topic, partition, offset, maxRecords: batch, waitMs: WAIT_MS };
    const records = await persist(options, () => log.read(request));
    if (!records || signal.aborted) return;
    const last = records.at(-1);
    if (!last) continue;
    onRecords(records);
    offset = last.offset + 1;
    if (records.length === batch) offset = await putForward(options, { topic, partition }, offset);
  }
}

async function putForward(options: FollowOptions, { partition }: TopicPartition, offset: number): Promise<number> {
  const offsets = await persist(options, () => tailOffsets(options));
  return Math.max(offset, offsets?.[partition] ?? offset);
}

async function tailOffsets({ log, topic, tail }: FollowOptions): Promise<number[]> {
  const info = (await log.topics([topic]))[0];
  return (info?.offsets ?? []).map(({ start, end }) => Math.max(start, end - tail));
}

/** What the call gives, tried again while the log is away; undefined once the signal says so. */
async function persist<T>({ signal, onTrouble }: FollowOptions, call: () => Promise<T>): Promise<T | undefined> {
  for (let troubled = false; !signal.aborted; troubled = true) {
    try {
      const result = await call();
      if (troubled) onTrouble?.(undefined);
      return result;
    } catch (error) {
      if (signal.aborted) return undefined;
      onTrouble?.(asOrdoError(error));
      await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }
  return undefined;
}
