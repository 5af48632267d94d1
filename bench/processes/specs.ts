import { join } from 'node:path';
import { loadPipeline } from '../../src/app/load-pipeline.ts';
import type { KafkaLogSpec, PipelineSpec } from '../../src/app/spec.ts';
import type { Broker } from '../../test/support/kafka/broker.ts';

/** The shipped pipeline with its embedded log and its blobs in `folder`. */
export async function shippedSpec(folder: string): Promise<PipelineSpec> {
  const spec = await loadPipeline(join(import.meta.dirname, '..', '..', 'pipelines', 'traffic-signs.yaml'));
  const { sessionTimeoutMs } = spec.log;
  const claimCheck = { ...spec.images.claimCheck, folder: join(folder, 'blobs') };
  return {
    ...spec,
    log: { type: 'sqlite', folder: join(folder, 'log'), sessionTimeoutMs },
    images: { ...spec.images, claimCheck },
  };
}

/** A log on a broker, under names that no other run has. */
export function kafkaLog({ brokers }: Broker, sessionTimeoutMs = 10_000): KafkaLogSpec {
  return {
    type: 'kafka',
    brokers: [...brokers],
    sessionTimeoutMs,
    prefix: `bench-${Date.now()}.`,
    replication: -1,
    maxRecordBytes: 1 << 20,
    manageTopics: true,
  };
}
