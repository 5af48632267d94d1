import type { LogRecord, TopicPartition } from '../../ports/log.ts';
import { nameOf } from '../../ports/place-name.ts';
import type { Fetched, Want } from './fetch.ts';
import { fromMessage, recordBytes } from './messages.ts';

/** Records fetched ahead, in each partition and in all. */
const MOST_RECORDS = 500;
const MOST_BYTES = 1024 * 1024;
const MOST_BYTES_IN_ALL = 32 * 1024 * 1024;

/** A partition that is owned, with its records that were fetched and not yet handed out. */
export interface Shelf extends Want {
  /** The log's own name of the topic; `topic` is the cluster's. */
  name: string;
  records: LogRecord[];
  bytes: number;
  /** The offset after the last record fetched. */
  seen: number;
  /** The offset after the last record handed out. */
  handedOut: number;
  /** What was last committed since the partition was begun. */
  committed?: { offset: number; metadata: string };
  /** The offset that the partition's next record will get, as far as is known. */
  end: number;
  /** Nothing more of it is read or handed out: what is in hand is finished, and then another member has it. */
  leaving: boolean;
}

/** What a consumer has fetched ahead, handed out by the priority of the topics and in turns between their partitions. */
export class Shelves {
  readonly #topics: readonly string[];
  readonly #shelves = new Map<string, Shelf>();
  readonly #paused = new Set<string>();
  #bytes = 0;
  #turn = 0;

  /** `topics` by the log's own names, in order of priority. */
  constructor(topics: readonly string[]) {
    this.#topics = topics;
  }

  /** Begins a partition at an offset, anew if it was begun before. */
  open({ topic, partition }: TopicPartition, outerTopic: string, offset: number): void {
    const shelf = { topic: outerTopic, name: topic, partition, offset, seen: offset, handedOut: offset, end: offset };
    this.drop({ topic, partition });
    this.#shelves.set(nameOf({ topic, partition }), { ...shelf, records: [], bytes: 0, leaving: false });
  }

  /** Reads and hands out nothing more of a partition; what was fetched of it is for those who read it next. */
  leave(place: TopicPartition): void {
    const shelf = this.#shelves.get(nameOf(place));
    if (!shelf) return;
    this.#bytes -= shelf.bytes;
    Object.assign(shelf, { leaving: true, records: [], bytes: 0 });
  }

  /** Drops a partition with all that was fetched of it. */
  drop(place: TopicPartition): void {
    const shelf = this.#shelves.get(nameOf(place));
    if (!shelf) return;
    this.#bytes -= shelf.bytes;
    this.#shelves.delete(nameOf(place));
  }

  /** Puts what was fetched on its shelf, if that stands still. */
  put(shelf: Shelf, { messages, next, end }: Fetched): void {
    if (!this.holds(shelf) || shelf.leaving) return;
    shelf.end = end;
    shelf.offset = next;
    for (const message of messages) {
      const record = fromMessage({ topic: shelf.name, partition: shelf.partition }, message);
      shelf.records.push(record);
      shelf.seen = record.offset + 1;
      this.#weigh(shelf, recordBytes(record));
    }
  }

  holds(shelf: Shelf): boolean {
    return this.#shelves.get(nameOf({ topic: shelf.name, partition: shelf.partition })) === shelf;
  }

  find(place: TopicPartition): Shelf | undefined {
    return this.#shelves.get(nameOf(place));
  }

  pause(topics: readonly string[]): void {
    for (const topic of topics) this.#paused.add(topic);
  }

  resume(topics: readonly string[]): void {
    for (const topic of topics) this.#paused.delete(topic);
  }

  /** The shelves with room for more. */
  wanting(): Shelf[] {
    if (this.#bytes >= MOST_BYTES_IN_ALL) return [];
    return this.#staying().filter(({ records, bytes }) => records.length < MOST_RECORDS && bytes < MOST_BYTES);
  }

  /** Whether all shelves have room. */
  get hungry(): boolean {
    return this.wanting().length === this.#staying().length;
  }

  /** Whether there are records to hand out of other partitions than `except`. */
  ready(except: readonly TopicPartition[] = []): boolean {
    return this.#giving(except).length > 0;
  }

  /** Takes out the next records, none of the partitions in `except`. */
  take(maxRecords: number, except: readonly TopicPartition[] = []): LogRecord[] {
    const found: LogRecord[] = [];
    this.#turn += 1;
    const giving = this.#giving(except);
    for (const topic of this.#topics) {
      const ready = giving.filter(({ name }) => name === topic);
      const first = this.#turn % Math.max(1, ready.length);
      for (const shelf of [...ready.slice(first), ...ready.slice(0, first)]) {
        found.push(...this.#from(shelf, maxRecords - found.length));
      }
    }
    return found;
  }

  #from(shelf: Shelf, count: number): LogRecord[] {
    const records = shelf.records.splice(0, count);
    const last = records.at(-1);
    if (last) shelf.handedOut = last.offset + 1;
    for (const record of records) this.#weigh(shelf, -recordBytes(record));
    return records;
  }

  #staying(): Shelf[] {
    return [...this.#shelves.values()].filter(({ leaving }) => !leaving);
  }

  #weigh(shelf: Shelf, bytes: number): void {
    shelf.bytes += bytes;
    this.#bytes += bytes;
  }

  #giving(except: readonly TopicPartition[]): Shelf[] {
    const excepted = new Set(except.map(nameOf));
    return [...this.#shelves].flatMap(([place, shelf]) => {
      const held = this.#paused.has(shelf.name) || excepted.has(place);
      return held || shelf.records.length === 0 ? [] : [shelf];
    });
  }
}
