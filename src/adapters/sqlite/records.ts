import type { TopicPartition } from '../../ports/log.ts';
import type { Catalog } from './catalog.ts';
import type { Database } from './database.ts';
import { type RawRecord, recordBytes } from './packing.ts';
import { OFFSET_OF_ID, recordId, recordsFrom } from './schema.ts';

/** How much a read may still take; shared by the partitions of one poll. */
export interface Budget {
  records: number;
  bytes: number;
}

interface RecordRow {
  offset: number;
  timestampMs: number;
  key: Uint8Array;
  headers: string;
  value: Uint8Array;
}

const INSERT = `INSERT INTO records (id, timestamp_ms, key, headers, value) VALUES (${recordId('?1', '?2')}, ?3, ?4, ?5, ?6)`;
const EXTEND = 'UPDATE partitions SET end_offset = end_offset + ?2, bytes = bytes + ?3 WHERE id = ?1';
const SELECT = `SELECT ${OFFSET_OF_ID} AS offset, timestamp_ms AS timestampMs, key, headers, value
  FROM records WHERE ${recordsFrom('?1', '?2')} ORDER BY id LIMIT ?3`;

/** Appending to partitions and reading from them. */
export class Records {
  readonly #database: Database;
  readonly #catalog: Catalog;

  constructor(database: Database, catalog: Catalog) {
    this.#database = database;
    this.#catalog = catalog;
  }

  /** Appends in the order given; runs inside a transaction. */
  append(records: readonly RawRecord[], nowMs: number): void {
    const byPartition = Map.groupBy(records, (record) => this.#catalog.partitionId(record));
    for (const [partitionId, group] of byPartition) this.#appendTo(partitionId, group, nowMs);
  }

  /** The records from the offset on, within the budget, which is lessened by what was read; at least one if any budget is left. */
  read(partition: TopicPartition, offset: number, limit: number, budget: Budget): RawRecord[] {
    const found: RawRecord[] = [];
    const most = Math.min(limit, budget.records);
    if (most < 1 || budget.bytes <= 0) return found;
    const partitionId = this.#catalog.partitionId(partition);
    for (const row of this.#database.iterate<RecordRow>(SELECT, [partitionId, Math.max(0, offset), most])) {
      found.push({ ...row, topic: partition.topic, partition: partition.partition });
      budget.records -= 1;
      budget.bytes -= recordBytes(row);
      if (budget.bytes <= 0) break;
    }
    return found;
  }

  #appendTo(partitionId: number, records: readonly RawRecord[], nowMs: number): void {
    const bytes = records.reduce((sum, record) => sum + recordBytes(record), 0);
    let { end: offset } = this.#catalog.bounds(partitionId);
    this.#database.run(EXTEND, [partitionId, records.length, bytes]);
    for (const { key, headers, value } of records) {
      this.#database.run(INSERT, [partitionId, offset++, nowMs, key, headers, value]);
    }
  }
}
