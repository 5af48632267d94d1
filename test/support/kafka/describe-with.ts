import assert from 'node:assert/strict';
import type { Broker } from './broker.ts';
import { NoBroker } from './choose.ts';

/** A container's image may have to be fetched. */
const START_MS = 300_000;

export interface Subject<B extends Broker> {
  open: () => Promise<B>;
  close: (broker: B) => Promise<void>;
  tests: (broker: () => B) => void;
}

/** The names of skipped tests, by what `NoBroker` said. */
const skipped = new Map<string, string[]>();

/**
 * Tests with a broker that is opened before the first of them. Where `open` throws `NoBroker` they are skipped, and the
 * last thing the run says is which and why; where the environment has REQUIRE_KAFKA=1, they fail. An `after` of theirs
 * runs all the same, an `afterEach` does not.
 */
export function describeWith<B extends Broker>(name: string, { open, close, tests }: Subject<B>): void {
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
  if (skipped.size === 0) process.once('exit', report);
  skipped.set(error.message, [...(skipped.get(error.message) ?? []), name]);
  return context.skip();
}

function report(): void {
  for (const [why, names] of skipped) console.error(`SKIPPED: ${names.join(', ')}: ${why}`);
}
