import type { Broker, BrokerProcess, SecureBroker } from './broker.ts';
import { describeWith, type Subject } from '../describe-with.ts';
import { NoBroker } from './choose.ts';
import { kafkaBroker, kafkaBrokerProcess, secureKafkaBroker } from './kafka.ts';

let shared: Promise<Broker> | undefined;

/** How tests come by a broker. */
export const BROKER = {
  what: 'the broker',
  isMissing: (error: unknown) => error instanceof NoBroker,
  requiredBy: 'REQUIRE_KAFKA',
} satisfies Partial<Subject<Broker>>;

/** Tests that need a broker: all those of a run share one. Without one they are skipped: see `describeWith`. */
export function describeWithKafka(name: string, tests: (broker: () => Broker) => void): void {
  describeWith(name, { ...BROKER, open: () => (shared ??= kafkaBroker()), close: async () => undefined, tests });
}

/** Tests with a broker of their own, which they may hurt. */
export function describeWithKafkaProcess(name: string, tests: (broker: () => BrokerProcess) => void): void {
  describeWith(name, { ...BROKER, open: kafkaBrokerProcess, close: (broker) => broker.stop(), tests });
}

/** Tests with a broker of their own that serves TLS and logins. */
export function describeWithSecureKafka(name: string, tests: (broker: () => SecureBroker) => void): void {
  describeWith(name, { ...BROKER, open: secureKafkaBroker, close: (broker) => broker.stop(), tests });
}

// Read outside of any describe, so at the end of the run.
after(async () => {
  const broker = await shared?.catch(() => undefined);
  await broker?.stop();
});
