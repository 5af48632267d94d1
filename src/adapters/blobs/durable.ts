import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a file so that it has all its bytes or is not there, and survives a loss of power once this resolves: under
 * another name first, synced, renamed, its folder synced. A file of that path and size keeps its bytes and becomes as
 * young as if it were written now; see collectFileBlobs.
 */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  await makeFolder(folder);
  if (!(await refresh(path, bytes.length))) await writeThenRename(path, bytes);
  await sync(folder);
}

async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await sync(dirname(made));
}

/**
 * Makes a file of that path and size as young as if it were written now; false where there is none. It is looked for
 * once more at the end, as it may be removed at the same time.
 */
export async function refresh(path: string, size: number): Promise<boolean> {
  if (!(await hasSize(path, size))) return false;
  const now = new Date();
  const young = utimes(path, now, now);
  return young.then(
    () => hasSize(path, size),
    () => false,
  );
}

async function hasSize(path: string, size: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && found.size === size;
}

/** Writes a file so that it has all its bytes, synced, or stays what it was. */
export async function writeThenRename(path: string, bytes: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Windows has no such call for folders. */
async function sync(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
