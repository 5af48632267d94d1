import { createHash } from 'node:crypto';
import { OrdoError } from '../../errors.ts';
import type { BlobReference } from '../../ports/blobs.ts';

/** Error: BLOB_TOO_LARGE, before anything is opened. */
export function requireSize({ sizeBytes }: BlobReference, maxBytes: number): void {
  if (sizeBytes <= maxBytes) return;
  throw new OrdoError('BLOB_TOO_LARGE', `the claim check is for ${sizeBytes} bytes, the limit is ${maxBytes}`);
}

/**
 * Collects a blob as it arrives and never holds more of it than the reference says.
 * Error: BLOB_DIGEST_MISMATCH where size or SHA-256 differ.
 */
export async function collect(chunks: AsyncIterable<Uint8Array>, reference: BlobReference): Promise<Uint8Array> {
  const { sha256, sizeBytes } = reference;
  const bytes = new Uint8Array(sizeBytes);
  let length = 0;
  for await (const chunk of chunks) {
    if (length + chunk.length > sizeBytes) throw mismatch(`there are more than ${sizeBytes} bytes`);
    bytes.set(chunk, length);
    length += chunk.length;
  }
  if (length < sizeBytes) throw mismatch(`there are ${length} bytes, the claim check is for ${sizeBytes}`);
  if (Buffer.compare(digestOf(bytes), sha256) !== 0) throw mismatch('the SHA-256 is another');
  return bytes;
}

export function digestOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function mismatch(what: string): OrdoError {
  return new OrdoError('BLOB_DIGEST_MISMATCH', `the bytes are not those of the claim check: ${what}`);
}
