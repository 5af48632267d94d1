import { setTimeout as sleep } from 'node:timers/promises';
import { asOrdoError, OrdoError } from '../errors.ts';
import type { Consumer, NewRecord, PartitionOffset } from '../ports/log.ts';
import { backOff } from '../concurrency/backoff.ts';
import type { Holding, Holdings } from './holdings.ts';
import { Mutex } from '../concurrency/mutex.ts';
import { type PersistOptions, persist } from './persist.ts';
import { Signal } from '../concurrency/signal.ts';
import { writeSuspicion } from './suspicion.ts';
import type { Entry, FinishedRun } from './tracker.ts';

/** Records that one commit moves past, at most, in each partition. */
const RECORDS_A_COMMIT = 256;

/** Between attempts once the pump is stopped, when `persist` pauses no more. */
const STOPPED_PAUSE_MS = 100;

/** A mark that is fenced is tried again for the partitions left; it may be lost, as it is when a process dies. */
const MARK_ATTEMPTS = 3;

export interface CommitterOptions extends PersistOptions {
  consumer: Consumer;
  holdings: Holdings;
  onCommitted: (runs: readonly FinishedRun[]) => void;
  /** Puts smaller outputs in the place of those that the log does not take; rejects with the error if there are none. */
  onTooLarge: (entry: Entry, error: OrdoError) => void;
  /** The log took a commit or a mark, or refused it as another consumer's affair: it serves. */
  onAnswered: () => void;
}

/**
 * Writes what is finished, one commit at a time; what finishes meanwhile goes into the next. A fenced commit drops the
 * partitions that were lost and is tried again with the rest.
 */
export class Committer {
  /** Settles when the committer was closed; rejects if the log failed for good. */
  readonly done: Promise<void>;
  readonly #options: CommitterOptions;
  readonly #awake = new Signal();
  #closing = false;
  /** Records of each partition in the next commit: fewer while something among them is too large. */
  #most = RECORDS_A_COMMIT;
  /** Commits never overlap, so that no offset is set back. */
  readonly #oneByOne = new Mutex();

  constructor(options: CommitterOptions) {
    this.#options = options;
    this.done = this.#run();
  }

  /** Tells the committer that a record was finished. */
  wake(): void {
    this.#awake.raise();
  }

  /** Writes what is finished and ends. */
  async close(): Promise<void> {
    this.#closing = true;
    this.wake();
    await this.done;
  }

  /**
   * Writes the suspicion of those holdings that are held still beside their offsets, or takes back to what it was what
   * was written, also by a mark that is under way. Once the pump is stopped, nothing is marked that was not before.
   */
  mark(holdings: readonly Holding[], what: 'takeover' | 'clear'): Promise<void> {
    const clear = what === 'clear';
    return this.#oneByOne.run(async () => {
      for (let attempt = 0; attempt < MARK_ATTEMPTS; attempt++) {
        const held = holdings.filter((holding) => this.#options.holdings.holds(holding) && (!clear || holding.marked));
        if (held.length === 0 || (!clear && this.#options.signal.aborted)) return;
        if (
          !(await this.#commit(
            held,
            [],
            held.map((holding) => markOf(holding, what)),
          ))
        )
          continue;
        for (const holding of held) holding.marked = what === 'takeover';
        return;
      }
    });
  }

  async #run(): Promise<void> {
    for (;;) {
      const wrote = await this.#oneByOne.run(() => this.#write());
      if (wrote) continue;
      if (this.#closing) return;
      if (this.#options.signal.aborted) await sleep(STOPPED_PAUSE_MS);
      await this.#awake.until(() => this.#closing || this.#finished(1).length > 0);
    }
  }

  /** What may be committed of each partition, at most so many records. */
  #finished(most: number): [Holding, FinishedRun][] {
    return this.#options.holdings
      .all()
      .map((holding): [Holding, FinishedRun] => [holding, holding.tracker.finished(most)])
      .filter(([, run]) => run.count > 0);
  }

  async #write(): Promise<boolean> {
    const runs = this.#finished(this.#most);
    if (runs.length === 0) return false;
    try {
      const wrote = await this.#writeRuns(runs);
      this.#most = Math.min(RECORDS_A_COMMIT, this.#most * 2);
      return wrote;
    } catch (cause) {
      if (asOrdoError(cause).code !== 'RECORD_TOO_LARGE') throw cause;
      if (this.#most === 1) return this.#writeSingly();
      this.#most = Math.floor(this.#most / 2);
      return true;
    }
  }

  /** Writes the first finished record of each partition by itself, to find those of which the outputs are too large. */
  async #writeSingly(): Promise<boolean> {
    for (const run of this.#finished(1)) {
      const { first } = run[0].tracker;
      try {
        if (!(await this.#writeRuns([run]))) return false;
      } catch (cause) {
        const error = asOrdoError(cause);
        if (error.code !== 'RECORD_TOO_LARGE' || !first) throw cause;
        this.#options.onTooLarge(first, error);
      }
    }
    return true;
  }

  async #writeRuns(runs: readonly [Holding, FinishedRun][]): Promise<boolean> {
    const publish = runs.flatMap(([, run]) => run.outputs);
    const offsets = runs.map(([{ tracker }, { next }]) => ({ ...placeOf(tracker), offset: next, metadata: '' }));
    const held = runs.map(([holding]) => holding);
    if (!(await this.#commit(held, publish, offsets))) return !this.#options.signal.aborted;
    for (const [holding, run] of runs) {
      holding.tracker.committed(run);
      holding.marked = false;
    }
    this.#options.onCommitted(runs.map(([, run]) => run));
    this.#options.holdings.changed.raise();
    return true;
  }

  async #commit(
    held: readonly Holding[],
    publish: readonly NewRecord[],
    offsets: readonly PartitionOffset[],
  ): Promise<boolean> {
    const { consumer, holdings, signal } = this.#options;
    try {
      const written = await persist(() => this.#attempt(held, publish, offsets), this.#options);
      if (written) this.#options.onAnswered();
      return written ?? false;
    } catch (cause) {
      if (asOrdoError(cause).code !== 'LOG_FENCED') throw cause;
      this.#options.onAnswered();
      holdings.keepOnly(consumer.assignment());
      await backOff(1, { firstMs: 20, mostMs: 20 }, signal);
      return false;
    }
  }

  /** Each attempt looks whether the partitions are still those that were read: a lease won anew would let it pass. */
  async #attempt(
    held: readonly Holding[],
    publish: readonly NewRecord[],
    offsets: readonly PartitionOffset[],
  ): Promise<true> {
    const { consumer, holdings } = this.#options;
    if (!held.every((holding) => holdings.holds(holding))) {
      throw new OrdoError('LOG_FENCED', 'a partition was lost before the commit');
    }
    await consumer.commit({ publish, offsets });
    return true;
  }
}

function markOf({ tracker, takeover, before }: Holding, what: 'takeover' | 'clear'): PartitionOffset {
  const suspicion = what === 'takeover' && takeover ? takeover : before;
  const metadata = suspicion.starts > 0 ? writeSuspicion(suspicion) : '';
  return { ...placeOf(tracker), offset: tracker.position, metadata };
}

function placeOf({ topic, partition }: { topic: string; partition: number }) {
  return { topic, partition };
}
