import { randomUUID } from 'node:crypto';
import type { KafkaLogSpec, PipelineSpec } from '../../../src/app/spec.ts';
import { tinySpec } from '../tiny.ts';

/** A pipeline's log on a broker for tests. Sessions are short, so that tests need not wait long for their end. */
export function kafkaSpec(brokers: readonly string[]): KafkaLogSpec {
  return {
    type: 'kafka',
    brokers: [...brokers],
    sessionTimeoutMs: 2000,
    prefix: '',
    replication: 1,
    maxRecordBytes: 1 << 20,
    manageTopics: true,
  };
}

/** The tiny pipeline under a prefix of its own, with its log on the broker and nothing else changed. */
export function tinyOnKafka(folder: string, brokers: readonly string[]): PipelineSpec {
  return {
    ...tinySpec(folder),
    log: { ...kafkaSpec(brokers), sessionTimeoutMs: 3000, prefix: `${randomUUID()}.`, replication: -1 },
  };
}
