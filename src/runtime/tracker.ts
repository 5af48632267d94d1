import type { ErrorCode, OrdoError } from '../errors.ts';
import type { LogRecord, NewRecord, PartitionOffset } from '../ports/log.ts';

/** A record in hand: `outputs` are set once it was handled. */
export interface Entry {
  record: LogRecord;
  /** By performance.now(). */
  takenMs: number;
  outputs?: readonly NewRecord[];
  /** The passing error after which it was tried again, the last one. */
  retried?: OrdoError;
  /** Why it was given up, where these are the outputs of that. */
  failure?: ErrorCode;
  /** How often its outputs were found too large for the log, and others put in their place. */
  cuts?: number;
}

/** What may be committed: how many records, their outputs in order, why records were given up, and the offset behind the last. */
export interface FinishedRun {
  count: number;
  outputs: NewRecord[];
  failures: ErrorCode[];
  next: number;
}

/**
 * The records of one partition that were taken and not yet committed. Records finish in any order; what may be
 * committed is the unbroken run of finished ones at the front, so outputs leave in the order of their inputs.
 */
export class PartitionTracker {
  readonly topic: string;
  readonly partition: number;
  /** The offset up to which everything is committed. */
  position: number;
  #next: number;
  #entries: Entry[] = [];

  constructor({ topic, partition, offset }: Pick<PartitionOffset, 'topic' | 'partition' | 'offset'>) {
    this.topic = topic;
    this.partition = partition;
    this.position = offset;
    this.#next = offset;
  }

  get inFlight(): number {
    return this.#entries.length;
  }

  /** Records in hand that are handled for the first time; the others are tried again, or wait for those before them. */
  get fresh(): number {
    return this.#entries.filter(({ outputs, retried }) => !outputs && !retried).length;
  }

  /** Of the records that are being handled still, the one taken first. */
  get oldest(): Entry | undefined {
    return this.#entries.find(({ outputs }) => !outputs);
  }

  /** The records that are tried again after a passing error, in their order. */
  get retried(): Entry[] {
    return this.#entries.filter(({ outputs, retried }) => retried && !outputs);
  }

  has(entry: Entry): boolean {
    return this.#entries.includes(entry);
  }

  /** Takes a record in hand; undefined if it already was. */
  take(record: LogRecord): Entry | undefined {
    if (record.offset < this.#next) return undefined;
    const entry: Entry = { record, takenMs: performance.now() };
    this.#entries.push(entry);
    this.#next = record.offset + 1;
    return entry;
  }

  /** The finished run at the front, of at most `maxRecords` records. */
  finished(maxRecords: number): FinishedRun {
    const pending = this.#entries.findIndex((entry) => !entry.outputs);
    const run = this.#entries.slice(0, Math.min(maxRecords, pending === -1 ? this.#entries.length : pending));
    const last = run.at(-1);
    return {
      count: run.length,
      outputs: run.flatMap((entry) => entry.outputs ?? []),
      failures: run.flatMap((entry) => entry.failure ?? []),
      next: last ? last.record.offset + 1 : this.position,
    };
  }

  /** The record in hand that came first. */
  get first(): Entry | undefined {
    return this.#entries[0];
  }

  /** Forgets a run after its commit. */
  committed({ count, next }: FinishedRun): void {
    this.#entries.splice(0, count);
    this.position = next;
  }
}
