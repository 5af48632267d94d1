import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';

/** SHA-256 of a file in lower-case hex, and its size; streamed. Errors: those of the file system. */
export async function hashFile(path: string): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const chunks: AsyncIterable<Buffer> = createReadStream(path);
  for await (const chunk of chunks) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** What a file's bytes hash to, against what a manifest says. */
export interface FileCheck {
  file: string;
  /** SHA-256 in lower-case hex. */
  expected: string;
  /** The same of the file's bytes; null where the file cannot be read. */
  actual: string | null;
  ok: boolean;
}

/** Compares a file of a folder with the SHA-256 and the size that a manifest says. */
export async function checkFile(
  folder: string,
  file: string,
  { sha256: expected, bytes }: { sha256: string; bytes: number },
): Promise<FileCheck> {
  const found = await hashFile(join(folder, file)).catch(() => undefined);
  if (!found) return { file, expected, actual: null, ok: false };
  return { file, expected, actual: found.sha256, ok: found.sha256 === expected && found.bytes === bytes };
}
