import { OrdoError } from '../errors.ts';
import type { Log, LogRecord } from '../ports/log.ts';
import { type PipelineNames, topicNames } from './spec.ts';

/** Dead letters may be large, for they hold whole records, but logs bound what they give at a time by bytes too. */
const LETTERS_A_READ = 500;

/** Enough for a log across a network to give what it holds. */
const WAIT_MS = 1000;

const HOUR_MS = 3_600_000;

/** A dead letter in the log, and when the log took the record that it holds. */
interface Letter {
  offset: number;
  heldMs: number;
}

/**
 * Of the letters of a partition, in the order of the log, those whose time may yet be the least: those before them go
 * earlier, those after are younger. Times are those of the start of the hour, so that one letter an hour is
 * remembered at most, however many the log keeps; what is removed by them goes later, never earlier.
 */
export class OldestLetters {
  #letters: Letter[] = [];

  /** How many are remembered. */
  get size(): number {
    return this.#letters.length;
  }

  add({ offset, heldMs }: Letter): void {
    const hourMs = HOUR_MS * Math.floor(heldMs / HOUR_MS);
    while ((this.#letters.at(-1)?.heldMs ?? -Infinity) >= hourMs) this.#letters.pop();
    this.#letters.push({ offset, heldMs: hourMs });
  }

  /** The least time of those from the offset on; Infinity if there are none. Forgets those before. */
  leastMs(start: number): number {
    this.#letters = this.#letters.filter(({ offset }) => offset >= start);
    return this.#letters[0]?.heldMs ?? Infinity;
  }
}

interface Partition {
  /** The next offset to read. */
  next: number;
  letters: OldestLetters;
}

/**
 * Tells how far back the records of a pipeline's log reach that may point to blobs. Topics may keep records longer than
 * their age says, where a stage has yet to read them, and dead letters are kept from when they were written, which may
 * be long after their images were. Each dead letter is read once.
 */
export class BlobHorizon {
  readonly #log: Pick<Log, 'topics' | 'read'>;
  readonly #topics: { images: string; deadLetters: string };
  readonly #partitions = new Map<number, Partition>();

  constructor(log: Pick<Log, 'topics' | 'read'>, pipeline: PipelineNames) {
    this.#log = log;
    this.#topics = topicNames(pipeline);
  }

  /**
   * When the oldest image was published that the log holds, be it in a dead letter (milliseconds since 1970; Infinity if
   * there is none); where it is in a dead letter, up to an hour before that. Images are looked at first: one that leaves
   * its topic meanwhile has left its dead letter before. Ends early once the signal is aborted. Errors: those of the log,
   * also if it does not give an image or a letter that it holds.
   */
  async oldestMs(signal: AbortSignal): Promise<number> {
    const images = await this.#images();
    return Math.min(images, ...(await this.#letters(signal)));
  }

  async #images(): Promise<number> {
    const topic = this.#topics.images;
    let oldestMs = Infinity;
    for (const [partition, { start, end }] of (await this.#offsets(topic)).entries()) {
      if (start === end) continue;
      const [record] = await this.#read(topic, partition, start, 1);
      if (!record) throw new OrdoError('LOG_UNAVAILABLE', `${topic} gives no record, though it holds some`);
      oldestMs = Math.min(oldestMs, record.timestampMs);
    }
    return oldestMs;
  }

  /** The least time of each partition. */
  async #letters(signal: AbortSignal): Promise<number[]> {
    const offsets = await this.#offsets(this.#topics.deadLetters);
    const least: number[] = [];
    for (const [index, { start, end }] of offsets.entries()) {
      const partition = this.#partitions.get(index) ?? { next: start, letters: new OldestLetters() };
      this.#partitions.set(index, partition);
      partition.next = Math.max(partition.next, start);
      while (partition.next < end && !signal.aborted) await this.#advance(index, partition);
      least.push(partition.letters.leastMs(start));
    }
    return least;
  }

  async #advance(index: number, partition: Partition): Promise<void> {
    const records = await this.#read(this.#topics.deadLetters, index, partition.next, LETTERS_A_READ);
    for (const record of records) partition.letters.add(letterOf(record));
    const last = records.at(-1);
    partition.next = last ? last.offset + 1 : await this.#startBehind(index, partition.next);
  }

  /** Where letters begin by now, if those from the offset on were deleted since. */
  async #startBehind(index: number, offset: number): Promise<number> {
    const topic = this.#topics.deadLetters;
    const start = (await this.#offsets(topic))[index]?.start ?? 0;
    if (start > offset) return start;
    throw new OrdoError('LOG_UNAVAILABLE', `${topic} gives no record, though it holds some`);
  }

  async #offsets(topic: string): Promise<{ start: number; end: number }[]> {
    return (await this.#log.topics([topic]))[0]?.offsets ?? [];
  }

  #read(topic: string, partition: number, offset: number, maxRecords: number): Promise<LogRecord[]> {
    return this.#log.read({ topic, partition, offset, maxRecords, waitMs: WAIT_MS });
  }
}

/** A letter's own event time is that of the record in it. */
function letterOf({ offset, headers, timestampMs }: LogRecord): Letter {
  const heldMs = Date.parse(headers.ce_time ?? '');
  return { offset, heldMs: Number.isNaN(heldMs) ? timestampMs : Math.min(heldMs, timestampMs) };
}
