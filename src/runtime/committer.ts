import { asOrdoError } from '../errors.ts';
import type { Consumer, NewRecord, PartitionOffset } from '../ports/log.ts';
import { backOff } from './backoff.ts';
import type { Holding, Holdings } from './holdings.ts';
import { type PersistOptions, persist } from './persist.ts';
import { Signal } from './signal.ts';
import { writeSuspicion } from './suspicion.ts';
import type { FinishedRun } from './tracker.ts';

/** Records that one commit moves past, at most, in each partition. */
const RECORDS_A_COMMIT = 256;

export interface CommitterOptions extends PersistOptions {
  consumer: Consumer;
  holdings: Holdings;
  onCommitted: (records: number, published: readonly NewRecord[]) => void;
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
  #last: Promise<unknown> = Promise.resolve();

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

  /** Writes the holdings' suspicion beside their offsets, or clears it. */
  async mark(holdings: readonly Holding[], what: 'takeover' | 'clear'): Promise<void> {
    if (holdings.length === 0) return;
    await this.#alone(() =>
      this.#commit(
        [],
        holdings.map((holding) => markOf(holding, what)),
      ),
    );
    for (const holding of holdings) holding.marked = what === 'takeover';
  }

  /** One commit at a time, so that no offset is set back. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }

  async #run(): Promise<void> {
    for (;;) {
      const wrote = await this.#alone(() => this.#write());
      if (wrote) continue;
      if (this.#closing) return;
      await this.#awake.wait();
    }
  }

  async #write(): Promise<boolean> {
    const runs = this.#options.holdings
      .all()
      .map((holding): [Holding, FinishedRun] => [holding, holding.tracker.finished(RECORDS_A_COMMIT)])
      .filter(([, run]) => run.count > 0);
    if (runs.length === 0) return false;
    const publish = runs.flatMap(([, run]) => run.outputs);
    const offsets = runs.map(([{ tracker }, { next }]) => ({ ...placeOf(tracker), offset: next, metadata: '' }));
    if (!(await this.#commit(publish, offsets))) return !this.#options.signal.aborted;
    for (const [holding, run] of runs) {
      holding.tracker.committed(run);
      holding.marked = false;
    }
    const records = runs.reduce((sum, [, { count }]) => sum + count, 0);
    this.#options.onCommitted(records, publish);
    this.#options.holdings.changed.raise();
    return true;
  }

  async #commit(publish: readonly NewRecord[], offsets: readonly PartitionOffset[]): Promise<boolean> {
    const { consumer, holdings } = this.#options;
    try {
      return (await persist(() => consumer.commit({ publish, offsets }).then(() => true), this.#options)) ?? false;
    } catch (cause) {
      if (asOrdoError(cause).code !== 'LOG_FENCED') throw cause;
      holdings.keepOnly(consumer.assignment());
      await backOff(1, { firstMs: 20, mostMs: 20 }, this.#options.signal);
      return false;
    }
  }
}

function markOf({ tracker, takeover }: Holding, what: 'takeover' | 'clear'): PartitionOffset {
  const metadata = what === 'takeover' && takeover ? writeSuspicion(takeover) : '';
  return { ...placeOf(tracker), offset: tracker.position, metadata };
}

function placeOf({ topic, partition }: { topic: string; partition: number }) {
  return { topic, partition };
}
