import type { Log } from '../../ports/log.ts';

/** Publishes up to `count` records of a topic again, from a place that `pick`, from 0 to 1, chooses; gives how many. */
export async function duplicate(log: Log, topic: string, pick: number, count: number): Promise<number> {
  const [info] = await log.topics([topic]);
  const sizes = (info?.offsets ?? []).map(({ start, end }) => end - start);
  let place = Math.floor(pick * sizes.reduce((sum, size) => sum + size, 0));
  const partition = sizes.findIndex((size) => (place -= size) < 0);
  if (partition < 0) return 0;
  const offset = (info?.offsets[partition]?.end ?? 0) + place;
  const records = await log.read({ topic, partition, offset, maxRecords: count, waitMs: 0 });
  await log.publish(records.map(({ offset: _offset, timestampMs: _timestampMs, ...record }) => record));
  return records.length;
}
