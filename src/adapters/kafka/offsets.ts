import type { CommittedOffset, PartitionOffset } from '../../ports/log.ts';
import type { Broker } from './kafkajs.ts';
import { byTopic } from './places.ts';

/** Kafka does not tell when an offset was committed, so the time stands before the metadata; both fit into its 4096 bytes. */
const STAMP = /^@(\d{1,16}) /;

/** The offsets as an OffsetCommit request lists them. */
export function toCommit(offsets: readonly PartitionOffset[], nowMs: number) {
  return byTopic(offsets, ({ partition, offset, metadata }) => ({
    partition,
    offset: String(offset),
    metadata: `@${nowMs} ${metadata}`,
  }));
}

/** All offsets that a group has committed, by the cluster's names; those of another client bear no time. */
export async function committedOf(broker: Broker, groupId: string): Promise<CommittedOffset[]> {
  const { responses } = await broker.offsetFetch({ groupId, topics: [] });
  return responses.flatMap(({ topic, partitions }) =>
    partitions
      .filter(({ offset }) => Number(offset) >= 0)
      .map(({ partition, offset, metadata }) => ({
        topic,
        partition,
        offset: Number(offset),
        ...unstamp(metadata ?? ''),
      })),
  );
}

function unstamp(text: string): Pick<CommittedOffset, 'metadata' | 'committedAtMs'> {
  const match = STAMP.exec(text);
  return match ? { metadata: text.slice(match[0].length), committedAtMs: Number(match[1]) } : { metadata: text };
}
