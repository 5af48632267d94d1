import { randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { lstat, readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Perseverance } from './perseverance.ts';

const SHELF = /^[0-9a-f]{2}$/;
const BLOB = /^[0-9a-f]{64}$/;
/** Left behind by a writer or a collector that was killed. */
const TEMPORARY = /^[0-9a-f]{64}\.[0-9a-f-]{36}\.tmp$/;

/**
 * Removes blobs that were last written before `beforeMs` (milliseconds since 1970) from the folder where openFileBlobs
 * puts them, and what killed writers left there. Other files stay. Any number of processes may collect and write at once:
 * a blob that is written again meanwhile is not lost. Ends early once the signal is aborted.
 * Resolves with the number of files removed. Errors: those of the file system, but for what others removed first; what
 * cannot be removed keeps nothing else from being removed.
 */
export async function collectFileBlobs(folder: string, beforeMs: number, signal?: AbortSignal): Promise<number> {
  const perseverance = new Perseverance();
  let removed = 0;
  for (const shelf of await shelvesOf(folder)) {
    for (const file of (await perseverance.attempt(() => entries(shelf))) ?? []) {
      if (signal?.aborted) return removed;
      if (file.isFile() && (await perseverance.attempt(() => removeOld(shelf, file.name, beforeMs)))) removed += 1;
    }
  }
  perseverance.raise();
  return removed;
}

async function shelvesOf(folder: string): Promise<string[]> {
  const found = await entries(folder);
  return found.filter((it) => it.isDirectory() && SHELF.test(it.name)).map(({ name }) => join(folder, name));
}

async function removeOld(shelf: string, name: string, beforeMs: number): Promise<boolean> {
  const isBlob = BLOB.test(name);
  if (!isBlob && !TEMPORARY.test(name)) return false;
  const path = join(shelf, name);
  if (!(await isOld(path, beforeMs))) return false;
  return isBlob ? removeUnlessRenewed(path, beforeMs) : removeFile(path);
}

/**
 * Removes a blob that was found older than `beforeMs`, and says whether it did. It is taken away under another name
 * first, for a writer may have renewed it since: then it is put back. A writer that comes later finds no blob, and
 * writes it.
 */
export async function removeUnlessRenewed(path: string, beforeMs: number): Promise<boolean> {
  const away = `${path}.${randomUUID()}.tmp`;
  if ((await unlessGone(rename(path, away).then(() => true))) === undefined) return false;
  if (await isOld(away, beforeMs)) return removeFile(away);
  await unlessGone(rename(away, path));
  return false;
}

async function removeFile(path: string): Promise<boolean> {
  return (await unlessGone(unlink(path).then(() => true))) ?? false;
}

async function isOld(path: string, beforeMs: number): Promise<boolean> {
  const found = await unlessGone(lstat(path));
  return found !== undefined && found.mtimeMs < beforeMs;
}

async function entries(folder: string): Promise<Dirent[]> {
  return (await unlessGone(readdir(folder, { withFileTypes: true }))) ?? [];
}

async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
