import type { Message } from 'kafkajs';
import type { LogRecord, NewRecord, TopicPartition } from '../../ports/log.ts';
import { checkRecordBytes } from '../../ports/log-limits.ts';
import type { FetchedMessage } from './kafkajs.ts';

const NO_BYTES = new Uint8Array(0);

export interface OwnedRecord extends NewRecord {
  key: Buffer;
  value: Buffer;
}

/** The record on buffers of its own, so that the caller's stay the caller's. */
export function owned(record: NewRecord): OwnedRecord {
  return { ...record, key: Buffer.from(record.key), value: Buffer.from(record.value) };
}

/** A record as kafkajs sends it. */
export function toMessage({ partition, key, headers, value }: OwnedRecord): Message {
  return { partition, key, value, headers: { ...headers } };
}

/** A record as it was read. A missing key or value (a tombstone) is an empty one. */
export function fromMessage({ topic, partition }: TopicPartition, message: FetchedMessage): LogRecord {
  const { offset, timestamp, key, value, headers } = message;
  const texts = Object.entries(headers).map(([name, found]): [string, string] => [name, lastText(found)]);
  return {
    topic,
    partition,
    offset: Number(offset),
    timestampMs: Number(timestamp),
    key: key ?? NO_BYTES,
    headers: Object.fromEntries(texts),
    value: value ?? NO_BYTES,
  };
}

/** The value of a header, the last where it stands several times. */
function lastText(found: unknown): string {
  const last: unknown = Array.isArray(found) ? found.at(-1) : found;
  return Buffer.isBuffer(last) ? last.toString() : '';
}

/** Bytes of a record's key, headers and value together. */
export function recordBytes({ key, headers, value }: Pick<NewRecord, 'key' | 'headers' | 'value'>): number {
  const entries = Object.entries(headers);
  const headerBytes = entries.reduce((sum, [name, text]) => sum + Buffer.byteLength(name) + Buffer.byteLength(text), 0);
  return key.length + value.length + headerBytes;
}

/** RECORD_TOO_LARGE if one of the records exceeds the limit. */
export function checkSizes(records: readonly NewRecord[], maxBytes: number): void {
  for (const record of records) checkRecordBytes(record.topic, recordBytes(record), maxBytes);
}
