import type { TopicPartition } from '../../ports/log.ts';
import type { Cluster, FetchedMessage } from './kafkajs.ts';
import { byTopic } from './places.ts';

/** A partition to read from an offset on, by the cluster's name of its topic. */
export interface Want extends TopicPartition {
  offset: number;
}

export interface Fetched extends TopicPartition {
  /** The records from the wanted offset on. */
  messages: FetchedMessage[];
  /** The offset to go on from: past what is not for readers (transaction markers), too. */
  next: number;
  /** The offset that the next record will get. */
  end: number;
}

/** Bytes of one partition and of all in one answer; a single larger batch is sent whole. */
const PARTITION_BYTES = 1024 * 1024;
const ANSWER_BYTES = 8 * 1024 * 1024;

/**
 * One Fetch request to the leader of the partitions. Waits up to `maxWaitMs` for the first record. Records of
 * transactions are read as they lie, committed or not.
 */
export async function fetchFrom(
  cluster: Cluster,
  nodeId: number,
  wants: readonly Want[],
  maxWaitMs: number,
): Promise<Fetched[]> {
  const broker = await cluster.findBroker({ nodeId });
  const topics = byTopic(wants, ({ partition, offset }) => ({
    partition,
    fetchOffset: String(offset),
    maxBytes: PARTITION_BYTES,
  }));
  const bounds = { maxWaitTime: Math.ceil(maxWaitMs), minBytes: 1, maxBytes: ANSWER_BYTES };
  const { responses } = await broker.fetch({ isolationLevel: 0, ...bounds, topics });
  const found = responses.flatMap(({ topicName, partitions }) =>
    partitions.map((one) => ({ ...one, topic: topicName })),
  );
  return found.flatMap(({ topic, partition, messages, highWatermark }) => {
    const want = wants.find((one) => one.topic === topic && one.partition === partition);
    if (!want) return [];
    const fresh = messages.filter(({ offset }) => Number(offset) >= want.offset);
    const last = fresh.at(-1);
    return {
      topic,
      partition,
      messages: fresh.filter(({ isControlRecord }) => !isControlRecord),
      next: last ? Number(last.offset) + 1 : want.offset,
      end: Number(highWatermark),
    };
  });
}

/** The wants by the node that leads their partitions; those without a leader at the moment are left out. */
export function byLeader<W extends TopicPartition>(cluster: Cluster, wants: readonly W[]): Map<number, W[]> {
  const leaders = new Map<number, W[]>();
  for (const want of wants) {
    const known = cluster.findTopicPartitionMetadata(want.topic).find((one) => one.partitionId === want.partition);
    if (!known || known.leader < 0) continue;
    const own = leaders.get(known.leader);
    if (own) own.push(want);
    else leaders.set(known.leader, [want]);
  }
  return leaders;
}
