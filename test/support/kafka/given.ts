import type { Broker } from './broker.ts';

/** The broker that the environment names in KAFKA_BROKERS (`host:port`, comma-separated); throws if it names none. */
export async function givenBroker(environment: NodeJS.ProcessEnv = process.env): Promise<Broker> {
  const brokers = (environment['KAFKA_BROKERS'] ?? '').split(',').flatMap((address) => address.trim() || []);
  if (brokers.length === 0) throw new Error('the environment variable KAFKA_BROKERS is not set');
  return { kind: 'given', brokers, stop: async () => undefined };
}
