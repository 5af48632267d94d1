import type { LogRecord, NewRecord, TopicPartition } from '../../ports/log.ts';

/** Records as they cross the thread boundary: a few large buffers that are moved, not copied. */
export interface PackedRecords {
  /** The distinct partitions; records name them by index. */
  partitions: TopicPartition[];
  /** [records, 7] row-major: partition index, offset, timestamp, block, start in the block, key bytes, value bytes. */
  fields: Float64Array;
  /** The headers of each record, a JSON object. */
  headers: string[];
  /** Keys and values, each record's key before its value. */
  blocks: ArrayBuffer[];
}

/** A record on the worker's side, its headers not parsed. */
export interface RawRecord extends TopicPartition {
  offset: number;
  timestampMs: number;
  key: Uint8Array;
  headers: string;
  value: Uint8Array;
}

const FIELDS = 7;
const NO_BYTES = new Uint8Array(0);
const NOWHERE: TopicPartition = { topic: '', partition: 0 };

/** A record that stays alive keeps its block alive, so blocks are small: 256 KiB, or the one record that is larger. */
const BLOCK_BYTES = 256 * 1024;

interface Block {
  records: RawRecord[];
  bytes: number;
}

/** Copies the records into fresh blocks, so that the caller's buffers stay the caller's. */
export function pack(records: readonly RawRecord[]): PackedRecords {
  const partitions = new PartitionTable();
  const fields = new Float64Array(records.length * FIELDS);
  let at = 0;
  const blocks = intoBlocks(records).map((block, index) => {
    const bytes = new Uint8Array(block.bytes);
    let start = 0;
    for (const record of block.records) {
      const { offset, timestampMs, key, value } = record;
      fields.set([partitions.indexOf(record), offset, timestampMs, index, start, key.length, value.length], at);
      bytes.set(key, start);
      bytes.set(value, start + key.length);
      start += key.length + value.length;
      at += FIELDS;
    }
    return bytes.buffer;
  });
  return { partitions: partitions.list, fields, headers: records.map((record) => record.headers), blocks };
}

/** The record as the worker stores it. */
export function toRaw({ topic, partition, key, headers, value }: NewRecord): RawRecord {
  return { topic, partition, key, value, offset: 0, timestampMs: 0, headers: JSON.stringify(headers) };
}

/** What a record counts for towards the limit of a record, a poll, and its topic's retention. */
export function recordBytes({ key, headers, value }: Pick<RawRecord, 'key' | 'headers' | 'value'>): number {
  return key.length + Buffer.byteLength(headers) + value.length;
}

/** The records as views of the blocks. */
export function unpackRaw({ partitions, fields, headers, blocks }: PackedRecords): RawRecord[] {
  const views = blocks.map((block) => new Uint8Array(block));
  return headers.map((text, index) => {
    const row = fields.subarray(index * FIELDS, (index + 1) * FIELDS);
    const [partition = 0, offset = 0, timestampMs = 0, block = 0, start = 0, keyBytes = 0, valueBytes = 0] = row;
    const bytes = views[block] ?? NO_BYTES;
    const key = bytes.subarray(start, start + keyBytes);
    const value = bytes.subarray(start + keyBytes, start + keyBytes + valueBytes);
    return { ...(partitions[partition] ?? NOWHERE), offset, timestampMs, key, headers: text, value };
  });
}

export function unpack(packed: PackedRecords): LogRecord[] {
  return unpackRaw(packed).map((record) => {
    const headers: Record<string, string> = JSON.parse(record.headers);
    return { ...record, headers };
  });
}

/** What of a message is moved to the other thread: the blocks, if it has records. */
export function transferables(message: unknown): ArrayBuffer[] {
  if (typeof message !== 'object' || message === null || !('blocks' in message)) return [];
  return Array.isArray(message.blocks) ? message.blocks : [];
}

function intoBlocks(records: readonly RawRecord[]): Block[] {
  const blocks: Block[] = [];
  for (const record of records) {
    const bytes = record.key.length + record.value.length;
    const last = blocks.at(-1);
    if (last === undefined || last.bytes + bytes > BLOCK_BYTES) blocks.push({ records: [record], bytes });
    else {
      last.records.push(record);
      last.bytes += bytes;
    }
  }
  return blocks;
}

class PartitionTable {
  readonly list: TopicPartition[] = [];
  readonly #indexes = new Map<string, number>();

  indexOf({ topic, partition }: TopicPartition): number {
    const name = `${partition} ${topic}`;
    const known = this.#indexes.get(name);
    if (known !== undefined) return known;
    this.#indexes.set(name, this.list.length);
    return this.list.push({ topic, partition }) - 1;
  }
}
