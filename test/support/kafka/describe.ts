import assert from 'node:assert/strict';
import type { Broker, BrokerProcess } from './broker.ts';
import { NoBroker } from './choose.ts';
import { kafkaBroker, kafkaBrokerProcess } from './kafka.ts';

/** A container's image may have to be fetched. */
const START_MS = 300_000;

const skipped: string[] = [];
let shared: Promise<Broker> | undefined;

/**
 * Tests that need a broker. All of a test run share one, started by the first; without one they are skipped, and the
 * run ends by saying so, or, where REQUIRE_KAFKA=1 is set, they fail.
 */
export function describeWithKafka(name: string, tests: (broker: () => Broker) => void): void {
  describeWith(name, { open: () => (shared ??= kafkaBroker()), close: async () => undefined, tests });
}

/** Tests with a broker process of their own, which they may hurt; skipped as those of `describeWithKafka` are. */
export function describeWithKafkaProcess(name: string, tests: (broker: () => BrokerProcess) => void): void {
  describeWith(name, { open: kafkaBrokerProcess, close: (broker) => broker.stop(), tests });
}

interface Subject<B extends Broker> {
  open: () => Promise<B>;
  close: (broker: B) => Promise<void>;
  tests: (broker: () => B) => void;
}

function describeWith<B extends Broker>(name: string, { open, close, tests }: Subject<B>): void {
  describe(name, () => {
    let broker: B | undefined;
    before(async function () {
      this.timeout(START_MS);
      broker = await open().catch((error: unknown) => orSkip(this, name, error));
    });
    after(() => broker && close(broker));
    tests(() => broker ?? assert.fail('the broker runs only while a test does'));
  });
}

function orSkip(context: Mocha.Context, name: string, error: unknown): never {
  if (!(error instanceof NoBroker) || process.env['REQUIRE_KAFKA'] === '1') throw error;
  if (skipped.length === 0) process.once('exit', () => console.error(notice(error)));
  skipped.push(name);
  return context.skip();
}

function notice({ message }: NoBroker): string {
  return `\nSKIPPED for want of a Kafka broker: ${skipped.join(', ')}\n${message}`;
}

// Read outside of any describe, so of the whole run.
after(async () => {
  const broker = await shared?.catch(() => undefined);
  await broker?.stop();
});
