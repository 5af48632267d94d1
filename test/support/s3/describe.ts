import assert from 'node:assert/strict';
import { NoS3 } from './run.ts';
import { type S3Server, startS3 } from './server.ts';

/** The server's packages may have to be fetched. */
const START_MS = 300_000;

let shared: Promise<S3Server> | undefined;

/** The names of skipped tests, by what `NoS3` said. */
const skipped = new Map<string, string[]>();

/**
 * Tests that need an S3 server: all those of a run share one. Where it cannot be had they are skipped, and the last thing
 * the run says is which and why; where the environment has REQUIRE_S3=1, they fail.
 * @param start starts the server; default: the shared one
 */
export function describeWithS3(
  name: string,
  tests: (s3: () => S3Server) => void,
  start: () => Promise<S3Server> = () => (shared ??= startS3()),
): void {
  describe(name, () => {
    let server: S3Server | undefined;
    before(async function () {
      this.timeout(START_MS);
      server = await start().catch((error: unknown) => orSkip(this, name, error));
    });
    tests(() => server ?? assert.fail('the S3 server runs only while a test does'));
  });
}

function orSkip(context: Mocha.Context, name: string, error: unknown): never {
  if (!(error instanceof NoS3) || process.env['REQUIRE_S3'] === '1') throw error;
  if (skipped.size === 0) process.once('exit', report);
  skipped.set(error.message, [...(skipped.get(error.message) ?? []), name]);
  return context.skip();
}

function report(): void {
  for (const [why, names] of skipped) console.error(`SKIPPED: ${names.join(', ')}: ${why}`);
}

// Read outside of any describe, so at the end of the run.
after(async () => {
  const server = await shared?.catch(() => undefined);
  await server?.stop();
});
