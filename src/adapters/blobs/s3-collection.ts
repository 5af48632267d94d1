import { Perseverance } from './perseverance.ts';
import type { S3Connect } from './s3-connect.ts';
import { translateS3 } from './s3-errors.ts';

const DIGEST = /^[0-9a-f]{64}$/;

/**
 * Removes blobs that were last written before `beforeMs` (milliseconds since 1970) from where openS3Blobs puts them.
 * Other objects stay. Any number of processes may collect and write at once. Ends early once the signal is aborted.
 * Resolves with the number of objects removed, one that others removed at the same moment counted by each.
 *
 * S3 has no way to remove an object only if it is as old as it was found. So every page is removed as soon as it is
 * listed, and each object only under the ETag that was listed, which helps where every write gives a new one (SSE-KMS,
 * SSE-C). Elsewhere a blob is lost that is written again between these two requests.
 *
 * Errors: BLOB_NOT_FOUND (no such bucket), BLOB_FORBIDDEN, BLOB_UNAVAILABLE. Objects that may not be removed keep no
 * others from being removed.
 */
export async function collectS3Blobs(
  connect: S3Connect,
  { bucket, prefix }: { bucket: string; prefix: string },
  beforeMs: number,
  signal?: AbortSignal,
): Promise<number> {
  const perseverance = new Perseverance();
  let removed = 0;
  try {
    const client = await connect();
    for await (const objects of client.list({ bucket, key: prefix }, signal)) {
      const old = objects.filter(
        ({ key, modifiedMs }) => DIGEST.test(key.slice(prefix.length)) && modifiedMs < beforeMs,
      );
      if (old.length > 0) removed += (await perseverance.attempt(() => client.remove(bucket, old, signal))) ?? 0;
    }
    perseverance.raise();
  } catch (error) {
    if (!signal?.aborted) throw translateS3(error, `cannot collect s3://${bucket}/${prefix}`);
  }
  return removed;
}
