import { OrdoError } from '../../errors.ts';
import type { PartitionOffset, TopicPartition } from '../../ports/log.ts';
import { nameOf } from '../../ports/place-name.ts';
import type { Connection } from './connection.ts';
import { translated } from './failures.ts';
import { byLeader } from './fetch.ts';
import type { Cluster } from './kafkajs.ts';
import { byTopic, topicsIn } from './places.ts';

/** The oldest offset that a partition keeps, and the offset that the next record will get. */
export interface Bounds extends TopicPartition {
  start: number;
  end: number;
}

/** The bounds of partitions, by the cluster's names of their topics. The connection must know the topics. */
async function boundsOf(cluster: Cluster, places: readonly TopicPartition[]): Promise<Bounds[]> {
  const [starts, ends] = await Promise.all([offsetsOf(cluster, places, true), offsetsOf(cluster, places, false)]);
  return places.map(({ topic, partition }) => ({
    topic,
    partition,
    start: starts(topic, partition),
    end: ends(topic, partition),
  }));
}

/** The same by a connection, whatever topics it knows. Errors are kafkajs's. */
export async function boundsAt(connection: Connection, places: readonly TopicPartition[]): Promise<Bounds[]> {
  if (places.length === 0) return [];
  return connection.run(topicsIn(places), (cluster) => boundsOf(cluster, places));
}

/** The same of those partitions whose leaders tell; rejects if none does. */
export async function knownBoundsAt(connection: Connection, places: readonly TopicPartition[]): Promise<Bounds[]> {
  return connection.run(topicsIn(places), async (cluster) => {
    const led = [...byLeader(cluster, places).values()];
    const asked = await Promise.allSettled(led.map((own) => boundsOf(cluster, own)));
    const known = asked.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    if (known.length > 0) return known;
    const failed = asked.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
    // Else what is known, which may be that of all topics, would count for a while.
    await cluster.refreshMetadata().catch(() => {});
    throw new OrdoError('LOG_UNAVAILABLE', `${topicsIn(places).join(', ')}: no partition has a leader`);
  });
}

/** LOG_OFFSET_INVALID if one of the offsets lies outside its partition. */
export async function requireWithin(connection: Connection, offsets: readonly PartitionOffset[]): Promise<void> {
  const bounds = await translated(() => boundsAt(connection, offsets));
  for (const [index, place] of bounds.entries()) {
    const { offset = 0 } = offsets[index] ?? {};
    if (Number.isInteger(offset) && offset >= 0 && offset <= place.end) continue;
    throw new OrdoError(
      'LOG_OFFSET_INVALID',
      `offset ${offset} is outside ${nameOf(place)}, which ends at ${place.end}`,
    );
  }
}

async function offsetsOf(cluster: Cluster, places: readonly TopicPartition[], fromBeginning: boolean) {
  const topics = byTopic(places, ({ partition }) => ({ partition }));
  const found = await cluster.fetchTopicsOffset(topics.map((topic) => ({ ...topic, fromBeginning })));
  return (topic: string, partition: number): number => {
    const partitions = found.find((one) => one.topic === topic)?.partitions;
    const offset = partitions?.find((one) => one.partition === partition)?.offset;
    if (offset === undefined) throw new OrdoError('LOG_UNAVAILABLE', `${topic}/${partition} has no leader`);
    return Number(offset);
  };
}

/** Partitions of a topic that the connection knows, in order. */
export function partitionsOf(cluster: Cluster, topic: string): number[] {
  const known = cluster.findTopicPartitionMetadata(topic);
  return known.map(({ partitionId }) => partitionId).toSorted((a, b) => a - b);
}
