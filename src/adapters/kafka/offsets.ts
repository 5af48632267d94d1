import { OrdoError } from '../../errors.ts';
import type { CommittedOffset, PartitionOffset } from '../../ports/log.ts';
import type { Broker } from './kafkajs.ts';
import { byTopic } from './places.ts';

/** The port's bound on what travels with an offset; Kafka's own (offset.metadata.max.bytes) is 4096 with the stamp. */
const METADATA_BYTES = 4000;

/** Kafka does not tell when an offset was committed, so the time stands before the metadata. */
const STAMP = /^@(\d{1,16}) /;

/** RECORD_TOO_LARGE if what is to travel with an offset exceeds 4000 bytes. */
export function checkMetadata(metadata: string): void {
  const bytes = Buffer.byteLength(metadata);
  if (bytes <= METADATA_BYTES) return;
  throw new OrdoError('RECORD_TOO_LARGE', `offset metadata of ${bytes} bytes exceeds the limit of ${METADATA_BYTES}`);
}

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
