import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker } from './broker.ts';
import { TUNING } from './server-properties.ts';

const IMAGE = 'confluentinc/cp-kafka:8.3.0';
const PORT = 9093;
const PROBE_MS = 5000;

/** Starts a broker in a container; throws if no Docker answers. */
export async function startBrokerContainer(): Promise<Broker> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  const silent = new AbortController();
  const late = sleep(PROBE_MS, undefined, { signal: silent.signal }).then(() => {
    throw new Error(`Docker does not answer within ${PROBE_MS} ms`);
  });
  await Promise.race([getContainerRuntimeClient(), late]).finally(() => silent.abort());
  const { KafkaContainer } = await import('@testcontainers/kafka');
  const container = await new KafkaContainer(IMAGE).withEnvironment(tuning()).start();
  return {
    kind: 'container',
    brokers: [`${container.getHost()}:${container.getMappedPort(PORT)}`],
    stop: async () => void (await container.stop()),
  };
}

/** The image takes a property of the server from the variable of that name. */
function tuning(): Record<string, string> {
  const variable = (property: string) => `KAFKA_${property.toUpperCase().replaceAll('.', '_')}`;
  return Object.fromEntries(Object.entries(TUNING).map(([property, value]) => [variable(property), String(value)]));
}
