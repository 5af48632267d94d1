import type { KafkaLogSpec } from '../../../src/app/spec.ts';

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
