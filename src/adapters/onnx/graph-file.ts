import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { OrdoError } from '../../errors.ts';

/** A graph of a model package. */
export interface GraphFile {
  /** Absolute path. */
  path: string;
  /** SHA-256 of its bytes, lower-case hex. */
  sha256: string;
}

/**
 * The bytes of a graph, which are hashed whenever it is opened: processes and threads that start later must not compute
 * with another one than those that began.
 * Errors: MODEL_NOT_FOUND, MODEL_DIGEST_MISMATCH.
 */
export async function readGraph({ path, sha256 }: GraphFile): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new OrdoError('MODEL_NOT_FOUND', `cannot read ${path}`, { cause });
  });
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === sha256) return bytes;
  throw new OrdoError('MODEL_DIGEST_MISMATCH', `${path} has SHA-256 ${found}, not ${sha256}: it was changed meanwhile`);
}
