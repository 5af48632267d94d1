import type { Kafka } from 'kafkajs';
import { Mutex } from '../../concurrency/mutex.ts';
import { Signal } from '../../concurrency/signal.ts';
import { OrdoError } from '../../errors.ts';
import type { LogRecord, ReadRequest } from '../../ports/log.ts';
import { boundsAt } from './bounds.ts';
import { Connection } from './connection.ts';
import { protocolError } from './failures.ts';
import { byLeader, type Fetched, fetchFrom, type Want } from './fetch.ts';
import { FetchLoops } from './fetch-loops.ts';
import { fromMessage } from './messages.ts';

/** A read that waits for its first record. */
interface Waiting extends Want {
  arrived: boolean;
}

/** Bytes that one read gives, about. */
const READ_BYTES = 8 * 1024 * 1024;
const LONG_POLL_MS = 100;
/** Of a fetch whose offset is out of range. */
const MOST_TRIES = 10;

/**
 * Reads partitions without a group. A read first asks for what is there; one that finds nothing and may wait joins the
 * others in one long poll, on connections of its own.
 */
export class Reader {
  readonly #direct: Connection;
  readonly #patient: Connection;
  readonly #turn = new Mutex();
  readonly #waiting = new Set<Waiting>();
  readonly #changed = new Signal();
  #loops: FetchLoops<Waiting> | undefined;
  #closed = false;

  constructor(kafka: Kafka) {
    this.#direct = new Connection(kafka);
    this.#patient = new Connection(kafka);
  }

  /** Topic by the cluster's name. Errors: LOG_OFFSET_INVALID beyond the end, and those of kafkajs. */
  async read({ topic, partition, offset, maxRecords, waitMs }: ReadRequest): Promise<LogRecord[]> {
    const found = await this.#now({ topic, partition, offset }, maxRecords);
    if (found.length > 0 || waitMs <= 0 || this.#closed) return found;
    const arrived = await this.#await({ topic, partition, offset, arrived: false }, waitMs);
    return arrived ? this.#now({ topic, partition, offset }, maxRecords) : [];
  }

  /** Ends the reads that wait, with nothing; later ones wait no more. */
  end(): void {
    this.#closed = true;
    this.#changed.raise();
  }

  async close(): Promise<void> {
    this.end();
    await this.#loops?.close();
    await Promise.all([this.#direct.close(), this.#patient.close()]);
  }

  async #now(want: Want, maxRecords: number): Promise<LogRecord[]> {
    const found: LogRecord[] = [];
    let bytes = 0;
    for (let offset = want.offset; found.length < maxRecords && bytes < READ_BYTES; ) {
      const { messages, next, end } = await this.#once({ ...want, offset });
      for (const message of messages) {
        found.push(fromMessage(want, message));
        bytes += message.value?.length ?? 0;
      }
      offset = next;
      if (next >= end) break;
    }
    return found.slice(0, maxRecords);
  }

  /** Retention may overtake a read more than once: the start of a moment ago can be out of range as well. */
  async #once(want: Want): Promise<Fetched> {
    for (let offset = want.offset, tries = 1; ; tries++) {
      try {
        return await this.#fetch({ ...want, offset });
      } catch (error) {
        if (protocolError(error) !== 'OFFSET_OUT_OF_RANGE' || tries === MOST_TRIES) throw error;
        offset = await this.#startFor(want);
      }
    }
  }

  async #startFor(want: Want): Promise<number> {
    const { start, end } = await this.#bounds(want);
    if (want.offset <= end) return start;
    const where = `${want.topic}/${want.partition}`;
    throw new OrdoError('LOG_OFFSET_INVALID', `offset ${want.offset} is outside ${where}, which ends at ${end}`);
  }

  /** One at a time: of fetches that meet a connection not yet open, kafkajs opens one each and forgets all but the last. */
  #fetch(want: Want): Promise<Fetched> {
    return this.#turn.run(() =>
      this.#direct.run([want.topic], async (cluster) => {
        const [leader] = byLeader(cluster, [want]).keys();
        const [fetched] = leader === undefined ? [] : await fetchFrom(cluster, leader, [want], 0);
        if (fetched) return fetched;
        throw new OrdoError('LOG_UNAVAILABLE', `${want.topic}/${want.partition} has no leader at the moment`);
      }),
    );
  }

  async #bounds({ topic, partition }: Want) {
    const [bounds] = await boundsAt(this.#direct, [{ topic, partition }]);
    return bounds ?? { start: 0, end: 0 };
  }

  async #await(want: Waiting, waitMs: number): Promise<boolean> {
    this.#loops ??= this.#start();
    this.#waiting.add(want);
    this.#loops.wake();
    await this.#changed.until(() => want.arrived || this.#closed, waitMs);
    this.#waiting.delete(want);
    return want.arrived;
  }

  #start(): FetchLoops<Waiting> {
    return new FetchLoops({
      connection: this.#patient,
      wants: () => [...this.#waiting],
      maxWaitMs: () => LONG_POLL_MS,
      onFetched: (want, { messages }) => {
        if (messages.length > 0) this.#arrive([want]);
      },
      // The direct read that follows finds out what is wrong with the offset.
      onOutOfRange: async (wants) => this.#arrive(wants),
      onTrouble: () => {},
    });
  }

  #arrive(wants: readonly Waiting[]): void {
    for (const want of wants) {
      want.arrived = true;
      this.#waiting.delete(want);
    }
    this.#changed.raise();
  }
}
