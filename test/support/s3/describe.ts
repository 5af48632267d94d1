import { describeWith } from '../describe-with.ts';
import { NoS3, type S3Server, startS3 } from './server.ts';

let shared: Promise<S3Server> | undefined;

/**
 * Tests that need an S3 server: all those of a run share one. Without one they are skipped: see `describeWith`.
 * @param start starts the server; default: the shared one
 */
export function describeWithS3(
  name: string,
  tests: (s3: () => S3Server) => void,
  start: () => Promise<S3Server> = () => (shared ??= startS3()),
): void {
  const isMissing = (error: unknown) => error instanceof NoS3;
  const close = async () => undefined;
  describeWith(name, { what: 'the S3 server', open: start, close, isMissing, requiredBy: 'REQUIRE_S3', tests });
}

// Read outside of any describe, so at the end of the run.
after(async () => {
  const server = await shared?.catch(() => undefined);
  await server?.stop();
});
