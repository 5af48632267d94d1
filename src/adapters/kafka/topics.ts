import type { TopicSpec } from '../../ports/log.ts';
import { OUTPUT_FACTOR } from '../../ports/log-limits.ts';

/** What Ordo sets of a topic, by Kafka's names (https://kafka.apache.org/documentation/#topicconfigs). */
export type TopicSettings = Readonly<Record<string, string>>;

/** Room for the parts of a record that Kafka counts and the port does not: lengths, the batch's header. */
const BATCH_OVERHEAD = 64 * 1024;

/**
 * The settings of a topic. Records are stamped with the time at which the broker took them, so that a producer's wrong
 * clock neither shortens nor prolongs their life. Never compacted: records of one key are all of value.
 */
export function settingsOf({ retention = {} }: Pick<TopicSpec, 'retention'>, maxRecordBytes: number): TopicSettings {
  return {
    'cleanup.policy': 'delete',
    'max.message.bytes': String(OUTPUT_FACTOR * maxRecordBytes + BATCH_OVERHEAD),
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
