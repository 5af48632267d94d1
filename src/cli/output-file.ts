import { access, constants, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OrdoError } from '../errors.ts';

/** Sees, before the work whose result it is to hold, that a file can be written. Errors: OUTPUT_UNWRITABLE. */
export async function requireWritable(path: string): Promise<void> {
  await translated(path, async () => {
    await access(dirname(await resolved(path)), constants.W_OK);
    const found = await stat(path).catch(() => undefined);
    if (found && !found.isFile()) throw new Error('it is not a file');
  });
}

/** Writes a file whole or, where that fails, leaves what was there. Errors: OUTPUT_UNWRITABLE. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await translated(path, async () => {
    const { writeThenRename } = await import('../adapters/blobs/durable.ts');
    await writeThenRename(await resolved(path), text);
  });
}

/** Where a link leads, so that the link stays one. */
function resolved(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

async function translated(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OrdoError('OUTPUT_UNWRITABLE', `${path} cannot be written: ${why}`, { cause });
  }
}
