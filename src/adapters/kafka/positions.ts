import type { ConsumeOptions, PartitionOffset, Restart, TopicPartition } from '../../ports/log.ts';
import { nameOf } from '../../ports/place-name.ts';
import { type Bounds, knownBoundsAt } from './bounds.ts';
import type { Connection } from './connection.ts';
import { committedOf } from './offsets.ts';

/** Where a partition is read from. */
export interface Position extends PartitionOffset {
  /** Records deleted before the group read them. */
  lost: number;
  /** Where it is read from its start for want of an offset. */
  restart?: Restart;
}

/**
 * Where a group goes on in partitions, by the cluster's names: in those whose leaders answer; rejects if none does. Errors
 * are kafkajs's.
 */
export async function findPositions(
  connection: Connection,
  { groupId, from }: { groupId: string; from: ConsumeOptions['from'] },
  places: readonly TopicPartition[],
): Promise<Position[]> {
  const committed = await connection.coordinated(groupId, (broker) => committedOf(broker, groupId));
  const bounds = await knownBoundsAt(connection, places);
  const byName = new Map(committed.map((one) => [nameOf(one), one]));
  return bounds.map((one) => {
    const found = byName.get(nameOf(one));
    if (found) return goOn(one, found);
    const { topic, partition, start, end } = one;
    if (from === 'latest') return { topic, partition, offset: end, metadata: '', lost: 0 };
    return { topic, partition, offset: start, metadata: '', lost: 0, restart: { records: end - start } };
  });
}

/**
 * Where to go on from an offset. Below the log's start, the records between are lost. Beyond its end, the topic was
 * created anew or has lost its tail: it is read from the start, twice rather than not at all.
 */
export function goOn(
  { topic, partition, start, end }: Bounds,
  { offset, metadata }: { offset: number; metadata: string },
): Position {
  const inside = offset >= start && offset <= end;
  if (inside) return { topic, partition, offset, metadata, lost: 0 };
  const begun = { topic, partition, offset: start, metadata: '', lost: Math.max(0, start - offset) };
  return offset > end ? { ...begun, restart: { from: offset, records: end - start } } : begun;
}

/** Tells what of a partition was lost, or that it is read from its start. */
export function tell(options: ConsumeOptions, { topic, partition, lost, restart }: Position): void {
  if (lost > 0) options.onLost?.({ topic, partition }, lost);
  if (restart && restart.records > 0) options.onRestarted?.({ topic, partition }, restart);
}
