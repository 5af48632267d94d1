import { setTimeout as sleep } from 'node:timers/promises';
import { type PipelineNames, topicNames } from '../../src/app/spec.ts';
import type { Log, LogRecord } from '../../src/ports/log.ts';

/** All records of a topic, partition by partition. */
export async function readTopic(log: Log, topic: string): Promise<LogRecord[]> {
  const info = (await log.topics()).find(({ name }) => name === topic);
  const records: LogRecord[] = [];
  for (const [partition, { start, end }] of (info?.offsets ?? []).entries()) {
    let offset = start;
    while (offset < end) {
      const read = await log.read({ topic, partition, offset, maxRecords: 1000, waitMs: 0 });
      records.push(...read);
      const last = read.at(-1);
      if (!last) break;
      offset = last.offset + 1;
    }
  }
  return records;
}

/** How many records a topic holds. */
export async function countOf(log: Log, topic: string): Promise<number> {
  const info = (await log.topics()).find(({ name }) => name === topic);
  return (info?.offsets ?? []).reduce((sum, { start, end }) => sum + end - start, 0);
}

/** Waits until a pipeline has at least `count` outcomes, and gives them all. */
export async function outcomes(
  log: Log,
  pipeline: PipelineNames,
  count: number,
  limitMs = 60_000,
): Promise<LogRecord[]> {
  const { labels } = topicNames(pipeline);
  const end = Date.now() + limitMs;
  for (let seen = 0; (seen = await countOf(log, labels)) < count; await sleep(20)) {
    if (Date.now() > end) throw new Error(`after ${limitMs} ms ${seen} of ${count} outcomes`);
  }
  return readTopic(log, labels);
}

/** Outcomes by their event id, each with all records that carry it. */
export function byId(records: readonly LogRecord[]): Map<string, LogRecord[]> {
  return Map.groupBy(records, ({ headers }) => headers.ce_id ?? '');
}

/** Compares a run's outcomes with an undisturbed run's. */
export function compareOutcomes(expected: readonly LogRecord[], actual: readonly LogRecord[]) {
  const found = byId(actual);
  const wanted = byId(expected);
  const lost = [...wanted.keys()].filter((id) => !found.has(id));
  const changed = [...wanted].filter(([id, [record]]) =>
    found.get(id)?.some(({ value }) => Buffer.compare(value, record?.value ?? Buffer.of()) !== 0),
  );
  const doubled = [...found.values()].filter((records) => records.length > 1);
  const unexpected = [...found.keys()].filter((id) => !wanted.has(id));
  return { lost: lost.length, changed: changed.length, doubled: doubled.length, unexpected: unexpected.length };
}
