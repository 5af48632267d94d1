import type { PollOptions, TopicPartition } from '../ports/log.ts';
import type { Holding, Holdings } from './holdings.ts';

const POLL_MS = 250;

/** The same while some partitions are excepted, which may soon have room again. */
const SHORT_POLL_MS = 20;

/**
 * How many records a pump may take in hand, and of which partitions, so that none keeps the others waiting:
 * - Records that are handled for the first time have `most` places. One partition may have them all, and they may hang
 *   there: then there are places for the others, a quarter of `most` more, none if `most` is less than four.
 * - Finished ones that wait for those before them take up no place, nor do records that are tried again, up to `most`
 *   in all. Those beyond take places, the spare ones too: what is begun in an outage, and comes to nothing, must not grow
 *   with the number of partitions. Of each partition half of `most` count at most, so that two keep no others waiting.
 * - A partition with twice `most` records in hand, or with half of `most` tried again, is full and gets no more.
 * Since a poll brings `most` records at most, less than thrice `most` are held of each partition: that, times the
 * partitions, bounds the memory. While nothing can be committed, finished records take up places too.
 */
export class Room {
  readonly #holdings: Holdings;
  readonly #most: number;
  readonly #canCommit: () => boolean;

  constructor(holdings: Holdings, most: number, canCommit: () => boolean) {
    this.#holdings = holdings;
    this.#most = most;
    this.#canCommit = canCommit;
  }

  /** Places that records of any partition may take. */
  get free(): number {
    const { fresh, inFlight } = this.#holdings;
    return this.#most - (this.#canCommit() ? fresh + this.#excess : inFlight);
  }

  /** Whether to poll; also without a partition, since a poll may bring the first ones. */
  get open(): boolean {
    const held = this.#holdings.all();
    return this.free > 0 && (held.length === 0 || held.some((holding) => !this.#isFull(holding)));
  }

  /** Places for the partitions besides the busiest one, where those of all are taken. */
  get spare(): number {
    const { busiest, fresh } = this.#holdings;
    if (!busiest || !this.#canCommit() || !this.#others(busiest)) return 0;
    return Math.floor(this.#most / 4) - (fresh - busiest.tracker.fresh) - this.#excess;
  }

  /** How long to wait for free places before looking for spare ones. */
  get patienceMs(): number {
    const { busiest } = this.#holdings;
    return busiest && this.#others(busiest) ? SHORT_POLL_MS : POLL_MS;
  }

  /** What to poll for now. The spare places are looked at without waiting, since others may be free any moment. */
  wants(): PollOptions {
    const { busiest } = this.#holdings;
    const full = this.#holdings.all().filter((holding) => this.#isFull(holding));
    if (this.free > 0 || !busiest) {
      return {
        maxRecords: Math.max(1, this.free),
        waitMs: full.length > 0 ? SHORT_POLL_MS : POLL_MS,
        except: placesOf(full),
      };
    }
    return { maxRecords: Math.max(1, this.spare), waitMs: 0, except: placesOf([busiest, ...full]) };
  }

  /** Places that records take which are tried again. */
  get #excess(): number {
    const counts = this.#holdings.all().map(({ tracker }) => Math.min(tracker.retried.length, this.#most / 2));
    const retried = counts.reduce((sum, count) => sum + count, 0);
    return Math.ceil(Math.max(0, retried - this.#most));
  }

  #isFull({ tracker }: Holding): boolean {
    return tracker.inFlight >= 2 * this.#most || tracker.retried.length >= this.#most / 2;
  }

  #others(busiest: Holding): boolean {
    return this.#holdings.all().some((holding) => holding !== busiest && !this.#isFull(holding));
  }
}

function placesOf(holdings: readonly Holding[]): TopicPartition[] {
  return holdings.map(({ tracker: { topic, partition } }) => ({ topic, partition }));
}
