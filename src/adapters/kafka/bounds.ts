import { OrdoError } from '../../errors.ts';
import type { TopicPartition } from '../../ports/log.ts';
import type { Cluster } from './kafkajs.ts';
import { byTopic } from './places.ts';

/** The oldest offset that a partition keeps, and the offset that the next record will get. */
export interface Bounds extends TopicPartition {
  start: number;
  end: number;
}

/** The bounds of partitions, by the cluster's names of their topics. The connection must know the topics. */
export async function boundsOf(cluster: Cluster, places: readonly TopicPartition[]): Promise<Bounds[]> {
  if (places.length === 0) return [];
  const [starts, ends] = await Promise.all([offsetsOf(cluster, places, true), offsetsOf(cluster, places, false)]);
  return places.map(({ topic, partition }) => ({
    topic,
    partition,
    start: starts(topic, partition),
    end: ends(topic, partition),
  }));
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
