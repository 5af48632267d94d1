import type { NewRecord } from '../../ports/log.ts';
import { checkRecordBytes } from '../../ports/log-limits.ts';
import { pack, type PackedRecords, recordBytes, toRaw } from './packing.ts';

/** Most bytes of a record's key, headers and value together, unless the log is opened with another limit. */
export const MAX_RECORD_BYTES = 8 * 1024 * 1024;

/** The records ready to send, or RECORD_TOO_LARGE if key, headers and value of one exceed the limit together. */
export function packWithin(records: readonly NewRecord[], maxRecordBytes: number): PackedRecords {
  const raw = records.map(toRaw);
  for (const record of raw) checkRecordBytes(record.topic, recordBytes(record), maxRecordBytes);
  return pack(raw);
}
