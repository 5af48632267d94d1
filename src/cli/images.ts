import { readFile, readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { ImageLimits } from '../ports/tokenizer.ts';
import { asOrdoError, OrdoError } from '../errors.ts';

/** Files of a folder that are taken for images. A file that is named itself is taken whatever its name. */
const EXTENSIONS = ['.jpg', '.jpeg', '.png', '.webp', '.avif', '.gif', '.tif', '.tiff'];

/** Whether the path is a folder. Errors: INPUT_NOT_FOUND. */
export async function isFolder(path: string): Promise<boolean> {
  return (await statOf(path)).isDirectory();
}

/** An image file, or a folder that cannot be read, with the error. */
export interface Found {
  path: string;
  error?: OrdoError;
}

/**
 * The images of a folder and the folders in it, in the order of their paths, and those of the folders in it that cannot
 * be read. Links to folders are not followed.
 * Errors: INPUT_NOT_FOUND if there is no image, or the folder itself cannot be read.
 */
export async function imagesIn(folder: string): Promise<Found[]> {
  const found: Found[] = [];
  await collect(folder, found);
  if (found.some(({ error }) => !error)) return found;
  throw found[0]?.error ?? new OrdoError('INPUT_NOT_FOUND', `${folder} holds no images (${EXTENSIONS.join(', ')})`);
}

/**
 * The paths of the images of a folder, as `imagesIn` finds them; `onUnreadable` is told of each folder in it that cannot
 * be read.
 */
export async function pathsIn(folder: string, onUnreadable: (error: OrdoError) => void): Promise<string[]> {
  const found = await imagesIn(folder);
  for (const { error } of found) if (error) onUnreadable(error);
  return found.filter(({ error }) => !error).map(({ path }) => path);
}

async function collect(folder: string, found: Found[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new OrdoError('INPUT_NOT_FOUND', `${folder} cannot be read`, { cause });
  });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await collectWithin(path, found);
    else if (EXTENSIONS.includes(extname(entry.name).toLowerCase())) found.push({ path });
  }
}

/** A folder that only root may read (lost+found) does not keep the images beside it from being taken. */
async function collectWithin(path: string, found: Found[]): Promise<void> {
  await collect(path, found).catch((error: unknown) => void found.push({ path, error: asOrdoError(error) }));
}

/** The bytes of an image file. Errors: INPUT_NOT_FOUND, IMAGE_TOO_LARGE. */
export async function readImage(path: string, { maxBytes }: Pick<ImageLimits, 'maxBytes'>): Promise<Uint8Array> {
  const stats = await statOf(path);
  if (!stats.isFile()) throw new OrdoError('INPUT_NOT_FOUND', `${path} is not a file`);
  if (stats.size > maxBytes) throw tooLarge(path, maxBytes);
  return await readFile(path).catch((cause: unknown) => {
    throw new OrdoError('INPUT_NOT_FOUND', `${path} cannot be read`, { cause });
  });
}

/** The bytes of the image on stdin. Errors: IMAGE_TOO_LARGE. */
export async function readStdin({ maxBytes }: Pick<ImageLimits, 'maxBytes'>): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  const stdin: AsyncIterable<Buffer> = process.stdin;
  for await (const chunk of stdin) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge('stdin', maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function statOf(path: string) {
  return await stat(path).catch((cause: unknown) => {
    throw new OrdoError('INPUT_NOT_FOUND', `${path} is not there or cannot be read`, { cause });
  });
}

function tooLarge(path: string, maxBytes: number): OrdoError {
  return new OrdoError('IMAGE_TOO_LARGE', `${path} has more than the ${maxBytes} bytes that the pipeline allows`);
}
