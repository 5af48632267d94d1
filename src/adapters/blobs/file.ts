import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { OrdoError } from '../../errors.ts';
import type { BlobReference, Blobs } from '../../ports/blobs.ts';
import { quoted } from '../../text.ts';
import { refresh, writeDurably } from './durable.ts';
import { within } from './patience.ts';
import { collect, digestOf, requireSize } from './verify.ts';

export interface FileBlobsOptions {
  /** Where blobs are written, named by their SHA-256; made when the first is. */
  folder: string;
  /** Other folders that references may point into. */
  allowFolders: readonly string[];
  maxBytes: number;
  /** For the whole of a read: a volume of the network may hang. */
  timeoutMs: number;
}

/** Not through a symbolic link put there since the path was judged, and without waiting for the writer of a pipe. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Blobs as files: written into `folder` under their SHA-256, so that the same bytes are stored once, and durable when
 * `write` resolves; read from there and from `allowFolders`. A path that leaves these folders, by `..` or by a symbolic
 * link, is BLOB_FORBIDDEN, and so is what is no regular file. A read that takes too long is BLOB_UNAVAILABLE.
 */
export function openFileBlobs({ folder, allowFolders, maxBytes, timeoutMs }: FileBlobsOptions): Blobs {
  const root = resolve(folder);
  const roots = [root, ...allowFolders.map((allowed) => resolve(allowed))];
  const placeOf = (digest: Uint8Array): string => {
    const name = Buffer.from(digest).toString('hex');
    return resolve(root, name.slice(0, 2), name);
  };

  return {
    async read(reference) {
      requireSize(reference, maxBytes);
      return within(timeoutMs, (signal) => readInside(roots, reference, signal));
    },

    async write(bytes) {
      const digest = digestOf(bytes);
      const path = placeOf(digest);
      await writeDurably(path, bytes).catch((cause: unknown) => {
        throw new OrdoError('BLOB_UNAVAILABLE', `cannot write ${path}: ${messageOf(cause)}`, { cause });
      });
      return { uri: pathToFileURL(path).href, sha256: new Uint8Array(digest), sizeBytes: bytes.length };
    },

    async renew({ uri, sha256, sizeBytes }) {
      const path = placeOf(sha256);
      if (uri !== pathToFileURL(path).href || (await refresh(path, sizeBytes))) return;
      throw new OrdoError('BLOB_NOT_FOUND', `there is no blob ${path} to be renewed`);
    },
  };
}

/** Ends early once the signal is aborted: a slow volume is not to be read for nobody. */
async function readInside(
  roots: readonly string[],
  reference: BlobReference,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const file = await openInside(roots, pathOf(reference)).catch((error: unknown) => {
    throw translate(error);
  });
  return contents(file, reference, signal);
}

function pathOf({ uri }: BlobReference): string {
  try {
    return fileURLToPath(uri);
  } catch (cause) {
    throw new OrdoError('BLOB_FORBIDDEN', 'the claim check is not the URL of a local file', { cause });
  }
}

async function openInside(roots: readonly string[], path: string): Promise<FileHandle> {
  // Judged as written first, so that nothing is learnt about what exists elsewhere.
  if (!roots.some((root) => isInside(root, path))) throw outside();
  const real = await realpath(path);
  const realRoots = await Promise.allSettled(roots.map((root) => realpath(root)));
  if (!realRoots.some((root) => root.status === 'fulfilled' && isInside(root.value, real))) throw outside();
  return open(real, READ_FLAGS);
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

async function contents(file: FileHandle, reference: BlobReference, signal: AbortSignal): Promise<Uint8Array> {
  try {
    signal.throwIfAborted();
    if (!(await file.stat()).isFile()) throw new OrdoError('BLOB_FORBIDDEN', 'the claim check is not for a file');
    return await collect(file.createReadStream({ autoClose: false, signal }), reference);
  } catch (error) {
    throw translate(error);
  } finally {
    await file.close();
  }
}

function outside(): OrdoError {
  return new OrdoError('BLOB_FORBIDDEN', 'the claim check points outside the allowed folders');
}

/** Most characters of a path in a message: enough for a digest far down. */
const MOST_PATH = 300;

const CODES: Readonly<Record<string, 'BLOB_NOT_FOUND' | 'BLOB_FORBIDDEN'>> = {
  ENOENT: 'BLOB_NOT_FOUND',
  ENOTDIR: 'BLOB_NOT_FOUND',
  ENAMETOOLONG: 'BLOB_NOT_FOUND',
  EACCES: 'BLOB_FORBIDDEN',
  EPERM: 'BLOB_FORBIDDEN',
  ELOOP: 'BLOB_FORBIDDEN',
  ENXIO: 'BLOB_FORBIDDEN',
  ERR_INVALID_ARG_VALUE: 'BLOB_FORBIDDEN',
};

function translate(error: unknown): OrdoError {
  if (error instanceof OrdoError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return new OrdoError(CODES[code] ?? 'BLOB_UNAVAILABLE', `cannot read the blob: ${briefly(error)}`, { cause: error });
}

/** What the error says. Node's message repeats the path, which came with the claim check and may be of any length. */
function briefly(error: unknown): string {
  const message = messageOf(error);
  if (!(error instanceof Error && 'path' in error)) return message;
  const path = String(error.path);
  return message.replaceAll(`'${path}'`, () => quoted(path, MOST_PATH));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
