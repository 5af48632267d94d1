import { OrdoError } from '../../errors.ts';
import type { NewRecord } from '../../ports/log.ts';
import { pack, type PackedRecords, recordBytes, toRaw } from './packing.ts';

/** The port's bound on what travels with an offset. */
const METADATA_BYTES = 4000;

/** The records ready to send, or RECORD_TOO_LARGE if key, headers and value of one exceed the limit together. */
export function packWithin(records: readonly NewRecord[], maxRecordBytes: number): PackedRecords {
  const raw = records.map(toRaw);
  for (const record of raw) {
    const bytes = recordBytes(record);
    if (bytes > maxRecordBytes) throw tooLarge(`a record of ${bytes} bytes for ${record.topic}`, maxRecordBytes);
  }
  return pack(raw);
}

/** RECORD_TOO_LARGE if the metadata exceeds 4000 bytes. */
export function checkMetadata(metadata: string): void {
  const bytes = Buffer.byteLength(metadata);
  if (bytes > METADATA_BYTES) throw tooLarge(`offset metadata of ${bytes} bytes`, METADATA_BYTES);
}

function tooLarge(what: string, limit: number): OrdoError {
  return new OrdoError('RECORD_TOO_LARGE', `${what} exceeds the limit of ${limit}`);
}
