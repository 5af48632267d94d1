import type { OrdoError } from '../errors.ts';
import type { Holdings } from './holdings.ts';
import { retryOf, stallOf } from './stall.ts';

/** No processor is so slow, so that a record which takes longer hangs: a volume or a device that does not answer. */
const STALLED_MS = 30 * 60_000;

/** Where nothing was committed for so long, records that are tried again keep all of the pump from making progress. */
const STANDS_MS = 60_000;

type Where = 'poll' | 'commit';

export interface TroublesOptions {
  holdings: Holdings;
  /** A record that is handled for longer is a trouble. Default: half an hour. */
  stalledMs?: number | undefined;
  /** In milliseconds as performance.now() has them, by which records are taken in hand. */
  now?: (() => number) | undefined;
}

/** What keeps a pump from making progress, in words. */
export class Troubles {
  readonly #holdings: Holdings;
  readonly #stalledMs: number;
  readonly #now: () => number;
  readonly #noted = new Map<Where, string>();
  #committedMs: number;

  constructor({ holdings, stalledMs = STALLED_MS, now = () => performance.now() }: TroublesOptions) {
    this.#holdings = holdings;
    this.#stalledMs = stalledMs;
    this.#now = now;
    this.#committedMs = now();
  }

  note(where: Where, { code, reason }: OrdoError): void {
    this.#noted.set(where, `${code}: ${reason}`);
  }

  /** The log answers there. */
  clear(where: Where): void {
    this.#noted.delete(where);
  }

  /** To be told of every commit that moved on. */
  committed(): void {
    this.#committedMs = this.#now();
  }

  get canCommit(): boolean {
    return !this.#noted.has('commit');
  }

  /** What keeps the pump, or a partition of it; undefined when nothing does. */
  get any(): string | undefined {
    return this.#ofLog ?? retryOf(this.#holdings) ?? this.#stall;
  }

  /**
   * What keeps the pump as a whole, or hangs in it: of a record that is tried again only if it has been in hand for a
   * minute, and nothing was committed for as long. While other partitions move, the process works, and another in its
   * place would meet with the same record.
   */
  get obstacle(): string | undefined {
    const untilMs = this.#now() - STANDS_MS;
    const retry = this.#committedMs <= untilMs ? retryOf(this.#holdings, untilMs) : undefined;
    return this.#ofLog ?? retry ?? this.#stall;
  }

  get #ofLog(): string | undefined {
    return this.#noted.get('commit') ?? this.#noted.get('poll');
  }

  get #stall(): string | undefined {
    return stallOf(this.#holdings, this.#stalledMs, this.#now());
  }
}
