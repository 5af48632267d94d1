import type { TopicSpec } from '../../ports/log.ts';
import { OUTPUT_FACTOR } from '../../ports/log-limits.ts';

/** What Ordo sets of a topic, by Kafka's names (https://kafka.apache.org/documentation/#topicconfigs). */
export type TopicSettings = Readonly<Record<string, string>>;

/** Room for the parts of a record that Kafka counts and the port does not: lengths, the batch's header. */
const BATCH_OVERHEAD = 64 * 1024;

/**
 * The settings of a topic. Records are stamped with the time at which the broker took them, so that a producer's wrong
 * clock neither shortens nor prolongs their life. Never compacted: records of one key are all of value. Batches that
 * producers compress are unpacked by the broker, which so holds records to their true size, and which knows codecs that
 * kafkajs does not.
 */
export function settingsOf(
  { retention = {}, inputOnly = false }: Pick<TopicSpec, 'retention' | 'inputOnly'>,
  maxRecordBytes: number,
): TopicSettings {
  return {
    'cleanup.policy': 'delete',
    'compression.type': 'uncompressed',
    'max.message.bytes': String((inputOnly ? 1 : OUTPUT_FACTOR) * maxRecordBytes + BATCH_OVERHEAD),
    'message.timestamp.type': 'LogAppendTime',
    'retention.bytes': String(retention.maxBytes ?? -1),
    'retention.ms': String(retention.maxAgeMs ?? -1),
  };
}

/** The retention that settings of a topic mean. */
export function retentionOf(settings: TopicSettings): TopicSpec['retention'] {
  const bytes = Number(settings['retention.bytes'] ?? -1);
  const ageMs = Number(settings['retention.ms'] ?? -1);
  if (bytes < 0 && ageMs < 0) return undefined;
  return { ...(bytes >= 0 && { maxBytes: bytes }), ...(ageMs >= 0 && { maxAgeMs: ageMs }) };
}
