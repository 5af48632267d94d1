import type { LogRecord, PartitionOffset, TopicPartition } from '../ports/log.ts';
import { nameOf } from '../ports/place-name.ts';
import { Signal } from '../concurrency/signal.ts';
import { readSuspicion, type Suspicion } from './suspicion.ts';
import { type Entry, PartitionTracker } from './tracker.ts';

/** A partition held, with the suspicion it came with until its first commit. */
export interface Holding {
  tracker: PartitionTracker;
  /** Set while the takeover has yet to be marked. */
  takeover: Suspicion | undefined;
  /** What it came with: the deaths before this process had it. */
  before: Suspicion;
  /** Whether the committed offset carries this takeover, which an orderly leave must take back. */
  marked: boolean;
}

/** The partitions that a consumer owns, and the records of them in hand. */
export class Holdings {
  /** Raised whenever partitions come or go and whenever records were committed. */
  readonly changed = new Signal();
  readonly #held = new Map<string, Holding>();

  assign(partitions: readonly PartitionOffset[]): void {
    for (const start of partitions) {
      const before = readSuspicion(start.metadata);
      const takeover = { ...before, starts: before.starts + 1 };
      this.#held.set(nameOf(start), { tracker: new PartitionTracker(start), takeover, before, marked: false });
    }
    this.changed.raise();
  }

  /**
   * Lets partitions go once nothing of them is in hand, or when patience ends. Either way `clear` is called first: what
   * is not finished by then is no death of a process.
   */
  async release(
    partitions: readonly TopicPartition[],
    { patienceMs, clear }: { patienceMs: number; clear: (leaving: Holding[]) => Promise<void> },
  ): Promise<void> {
    const leaving = partitions.flatMap((partition) => this.#held.get(nameOf(partition)) ?? []);
    const busy = () => leaving.some((holding) => this.holds(holding) && holding.tracker.inFlight > 0);
    await this.changed.until(() => !busy(), patienceMs);
    await clear(leaving.filter((holding) => this.holds(holding)));
    for (const holding of leaving) if (this.holds(holding)) this.#held.delete(nameOf(holding.tracker));
    this.changed.raise();
  }

  /** Forgets every partition that is not in `owned`, whatever of it is in hand: it is another consumer's by now. */
  keepOnly(owned: readonly TopicPartition[]): void {
    const keys = new Set(owned.map(nameOf));
    const lost = [...this.#held.keys()].filter((key) => !keys.has(key));
    for (const key of lost) this.#held.delete(key);
    if (lost.length > 0) this.changed.raise();
  }

  /** Whether the holding is held still: a partition that was lost and won again is another holding. */
  holds(holding: Holding): boolean {
    return this.#held.get(nameOf(holding.tracker)) === holding;
  }

  /** The holding of a partition; undefined if it is not held. */
  find(partition: TopicPartition): Holding | undefined {
    return this.#held.get(nameOf(partition));
  }

  /**
   * Takes a record in hand that was read under this holding; undefined if it already was, or if the holding has been
   * lost since. A partition won again is read again from its committed offset: a record from before would stand ahead of
   * those that are still to come, and they would be taken for done.
   */
  take(record: LogRecord, holding: Holding | undefined): Entry | undefined {
    return holding && this.holds(holding) ? holding.tracker.take(record) : undefined;
  }

  /** Whether the record is in hand still, under the holding that it was read under. */
  has(entry: Entry): boolean {
    return this.find(entry.record)?.tracker.has(entry) ?? false;
  }

  all(): Holding[] {
    return [...this.#held.values()];
  }

  get inFlight(): number {
    return this.all().reduce((sum, { tracker }) => sum + tracker.inFlight, 0);
  }

  /** Records that are handled for the first time. */
  get fresh(): number {
    return this.all().reduce((sum, { tracker }) => sum + tracker.fresh, 0);
  }

  /** The partition of which most records are handled for the first time; undefined if none is held. */
  get busiest(): Holding | undefined {
    return this.all().reduce<Holding | undefined>(
      (most, one) => (most && most.tracker.fresh >= one.tracker.fresh ? most : one),
      undefined,
    );
  }
}
