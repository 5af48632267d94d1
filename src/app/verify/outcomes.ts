import type { Log, LogRecord } from '../../ports/log.ts';

/** All records of a topic, partition by partition. */
export async function readTopic(log: Log, topic: string): Promise<LogRecord[]> {
  const [info] = await log.topics([topic]);
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
  const [info] = await log.topics([topic]);
  return (info?.offsets ?? []).reduce((sum, { start, end }) => sum + end - start, 0);
}

/** What became of a run's outcomes: how many of them. */
export interface Comparison {
  /** Outcomes of the undisturbed run that are not there. */
  lost: number;
  /** Those of which some record is not that of the undisturbed run, byte for byte. */
  changed: number;
  /** Those that are there more than once. */
  doubled: number;
  /** Those that the undisturbed run does not have. */
  unexpected: number;
}

/** Compares a run's outcomes with an undisturbed run's. */
export function compareOutcomes(expected: readonly LogRecord[], actual: readonly LogRecord[]): Comparison {
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

/** Outcomes by their event id, each with all records that carry it. */
export function byId(records: readonly LogRecord[]): Map<string, LogRecord[]> {
  return Map.groupBy(records, ({ headers }) => headers.ce_id ?? '');
}
