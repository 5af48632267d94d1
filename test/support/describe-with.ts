import assert from 'node:assert/strict';

/** What is needed may have to be fetched. */
const START_MS = 300_000;

export interface Subject<S> {
  /** What tests need, as messages name it. */
  what: string;
  open: () => Promise<S>;
  close: (subject: S) => Promise<void>;
  /** Whether that is an error of `open` which says that the machine has no such thing. */
  isMissing: (error: unknown) => error is Error;
  /** The environment variable that turns a skip into a failure where it is 1. */
  requiredBy: string;
  tests: (subject: () => S) => void;
}

/** The names of skipped tests, by what was said of the thing that they lack. */
const skipped = new Map<string, string[]>();

/**
 * Tests of something that is opened before the first of them. Where the machine has no such thing they are skipped, and
 * the last thing the run says is which and why; where the environment requires it, they fail. An `after` of theirs runs
 * all the same, an `afterEach` does not.
 */
export function describeWith<S>(name: string, subject: Subject<S>): void {
  const { what, open, close, tests } = subject;
  describe(name, () => {
    let opened: S | undefined;
    before(async function () {
      this.timeout(START_MS);
      opened = await open().catch((error: unknown) => orSkip(this, name, error, subject));
    });
    after(() => opened && close(opened));
    tests(() => opened ?? assert.fail(`${what} runs only while a test does`));
  });
}

function orSkip<S>(context: Mocha.Context, name: string, error: unknown, subject: Subject<S>): never {
  if (!subject.isMissing(error) || process.env[subject.requiredBy] === '1') throw error;
  if (skipped.size === 0) process.once('exit', report);
  skipped.set(error.message, [...(skipped.get(error.message) ?? []), name]);
  return context.skip();
}

function report(): void {
  for (const [why, names] of skipped) console.error(`SKIPPED: ${names.join(', ')}: ${why}`);
}
