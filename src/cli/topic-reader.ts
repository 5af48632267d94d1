import type { Log, LogRecord } from '../ports/log.ts';
import { requireTopics } from './known-topics.ts';

export interface ReadTopicOptions {
  from: 'earliest' | 'latest';
  /** Goes on past the end until the signal is aborted; else the records that were there at the start are all. */
  follow?: AbortSignal;
}

const BATCH = 500;
/** How long a read waits for more while following; also how late an abort may be seen. */
const WAIT_MS = 500;

/**
 * The records of a topic, by partition in their order and across partitions by the log's clock.
 * Errors: LOG_TOPIC_UNKNOWN, those of reading the log.
 */
export async function* readTopic(log: Log, topic: string, options: ReadTopicOptions): AsyncGenerator<LogRecord, void> {
  const cursors = await begin(log, topic, options.from);
  yield* merge(cursors.map((cursor) => drain(log, topic, cursor)));
  if (options.follow) yield* follow(log, topic, cursors, options.follow);
}

interface Cursor {
  partition: number;
  /** Of the next record to read. */
  offset: number;
  end: number;
}

async function begin(log: Log, topic: string, from: ReadTopicOptions['from']): Promise<Cursor[]> {
  const found = await log.topics([topic]);
  requireTopics([topic], found);
  const offsets = found.flatMap((one) => one.offsets);
  return offsets.map(({ start, end }, partition) => ({ partition, offset: from === 'earliest' ? start : end, end }));
}

/** The records of a partition up to the cursor's end; the cursor moves with them. */
async function* drain(log: Log, topic: string, cursor: Cursor): AsyncGenerator<LogRecord, void> {
  while (cursor.offset < cursor.end) {
    const { partition, offset } = cursor;
    const records = await log.read({ topic, partition, offset, maxRecords: BATCH, waitMs: 0 });
    if (records.length === 0) return;
    for (const record of records) {
      if (record.offset >= cursor.end) return;
      cursor.offset = record.offset + 1;
      yield record;
    }
  }
}

async function* merge(sources: AsyncGenerator<LogRecord, void>[]): AsyncGenerator<LogRecord, void> {
  const heads = await Promise.all(sources.map((source) => source.next()));
  for (;;) {
    let first = -1;
    for (const [i, head] of heads.entries()) {
      if (head.done) continue;
      const best = heads[first];
      if (!best || best.done || head.value.timestampMs < best.value.timestampMs) first = i;
    }
    const head = heads[first];
    const source = sources[first];
    if (!head || head.done || !source) return;
    yield head.value;
    heads[first] = await source.next();
  }
}

/** New records, as soon as a partition has them. */
async function* follow(
  log: Log,
  topic: string,
  cursors: readonly Cursor[],
  signal: AbortSignal,
): AsyncGenerator<LogRecord, void> {
  const read = async (cursor: Cursor) => {
    const { partition, offset } = cursor;
    return { cursor, records: await log.read({ topic, partition, offset, maxRecords: BATCH, waitMs: WAIT_MS }) };
  };
  const reads = new Map(cursors.map((cursor) => [cursor, read(cursor)]));
  while (!signal.aborted) {
    const { cursor, records } = await Promise.race(reads.values());
    for (const record of records) {
      cursor.offset = record.offset + 1;
      yield record;
    }
    reads.set(cursor, read(cursor));
  }
}
