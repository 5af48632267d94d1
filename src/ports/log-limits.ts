import { OrdoError } from '../errors.ts';

/** What follows from a record may be larger than what may be published: a dead letter holds a record whole, and its key twice. */
export const OUTPUT_FACTOR = 4;

const METADATA_BYTES = 4000;

/** RECORD_TOO_LARGE if what is to travel with an offset exceeds 4000 bytes. */
export function checkMetadata(metadata: string): void {
  const bytes = Buffer.byteLength(metadata);
  if (bytes > METADATA_BYTES) throw tooLarge(`offset metadata of ${bytes} bytes`, METADATA_BYTES);
}

/** RECORD_TOO_LARGE if a record for that topic exceeds the limit. */
export function checkRecordBytes(topic: string, bytes: number, maxBytes: number): void {
  if (bytes > maxBytes) throw tooLarge(`a record of ${bytes} bytes for ${topic}`, maxBytes);
}

function tooLarge(what: string, limit: number): OrdoError {
  return new OrdoError('RECORD_TOO_LARGE', `${what} exceeds the limit of ${limit}`);
}
