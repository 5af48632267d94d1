import { backOff } from '../../concurrency/backoff.ts';
import { Signal } from '../../concurrency/signal.ts';
import { OrdoError } from '../../errors.ts';
import type { Connection } from './connection.ts';
import { protocolError, toOrdoError } from './failures.ts';
import { byLeader, type Fetched, fetchFrom, type Want } from './fetch.ts';
import type { Cluster } from './kafkajs.ts';
import { topicsIn } from './places.ts';

export interface FetchLoopsOptions<W extends Want> {
  connection: Connection;
  /** What is to be read now, by the cluster's names. The same object stands for the same want. */
  wants: () => readonly W[];
  /** How long a fetch may wait at the broker for the first record. */
  maxWaitMs: () => number;
  onFetched: (want: W, fetched: Fetched) => void;
  /** The offset of one of the wants is not in the log (any more). Rejects to be asked again. */
  onOutOfRange: (wants: readonly W[]) => Promise<void>;
  /** A fetch failed; it is repeated. */
  onTrouble: (error: OrdoError) => void;
}

const PAUSE = { firstMs: 20, mostMs: 1000 };

/** Reads partitions without end: one fetch at a time from each broker that leads some of them. */
export class FetchLoops<W extends Want> {
  readonly #options: FetchLoopsOptions<W>;
  readonly #changed = new Signal();
  /** Brokers with a fetch under way. */
  readonly #busy = new Set<number>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #dirty = true;
  #failures = 0;

  constructor(options: FetchLoopsOptions<W>) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** Tells the loops that what is to be read has changed. */
  wake(): void {
    this.#dirty = true;
    this.#changed.raise();
  }

  /** Ends the loops; a fetch under way is not waited for. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#changed.until(() => this.#dirty);
      this.#dirty = false;
      if (this.#stop.signal.aborted) return;
      try {
        await this.#dispatch();
      } catch (error) {
        await this.#fail(error);
      }
    }
  }

  /** Starts a fetch at each broker that has something to read and none under way. */
  async #dispatch(): Promise<void> {
    const { connection, wants } = this.#options;
    const wanted = wants();
    if (wanted.length === 0) return;
    const leaders = await connection.run(topicsIn(wanted), async (cluster) => byLeader(cluster, wanted));
    for (const [nodeId, own] of leaders) if (!this.#busy.has(nodeId)) void this.#fetch(nodeId, own);
    const led = [...leaders.values()].reduce((sum, own) => sum + own.length, 0);
    if (led < wanted.length) throw new OrdoError('LOG_UNAVAILABLE', 'some partitions have no leader at the moment');
  }

  async #fetch(nodeId: number, wants: readonly W[]): Promise<void> {
    const { connection, maxWaitMs } = this.#options;
    this.#busy.add(nodeId);
    try {
      const offsets = new Map(wants.map((want) => [want, want.offset]));
      const fetched = (cluster: Cluster) => fetchFrom(cluster, nodeId, wants, maxWaitMs());
      const found = await connection.run(topicsIn(wants), fetched);
      this.#failures = 0;
      if (!this.#stop.signal.aborted) this.#deliver(found, offsets);
    } catch (error) {
      await this.#settle(error, wants);
    }
    this.#busy.delete(nodeId);
    this.wake();
  }

  /** What was moved elsewhere meanwhile is not delivered. */
  #deliver(found: readonly Fetched[], offsets: ReadonlyMap<W, number>): void {
    for (const fetched of found) {
      for (const [want, offset] of offsets) {
        const same = want.topic === fetched.topic && want.partition === fetched.partition;
        if (same && want.offset === offset) this.#options.onFetched(want, fetched);
      }
    }
  }

  async #settle(error: unknown, wants: readonly W[]): Promise<void> {
    try {
      if (protocolError(error) !== 'OFFSET_OUT_OF_RANGE') throw error;
      await this.#options.onOutOfRange(wants);
    } catch (cause) {
      await this.#fail(cause);
    }
  }

  async #fail(error: unknown): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#options.onTrouble(toOrdoError(error));
    this.#failures += 1;
    await backOff(this.#failures, PAUSE, this.#stop.signal);
    this.wake();
  }
}
