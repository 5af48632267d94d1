interface Waiting {
  owner: string;
  begin: () => void;
}

/** Lets so many pieces of work run at a time, of one owner half of that at most, else in the order of asking. */
export class Slots {
  #free: number;
  readonly #mostOfOne: number;
  readonly #taken = new Map<string, number>();
  #waiting: Waiting[] = [];

  constructor(count: number) {
    this.#free = count;
    this.#mostOfOne = Math.max(1, Math.floor(count / 2));
  }

  /** Runs the work when its turn comes; rejects, without it, if `signal` was aborted before that. */
  async run<T>(owner: string, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#mayTake(owner)) this.#take(owner);
    else await this.#turn(owner, signal);
    try {
      return await work();
    } finally {
      this.#release(owner);
    }
  }

  async #turn(owner: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((begin) => void this.#waiting.push({ owner, begin }));
    if (!signal.aborted) return;
    this.#release(owner);
    signal.throwIfAborted();
  }

  #mayTake(owner: string): boolean {
    return this.#free > 0 && (this.#taken.get(owner) ?? 0) < this.#mostOfOne;
  }

  #take(owner: string): void {
    this.#free -= 1;
    this.#taken.set(owner, (this.#taken.get(owner) ?? 0) + 1);
  }

  /** Hands the slot on, so that nobody who asks later comes before those who wait and may have it. */
  #release(owner: string): void {
    const left = (this.#taken.get(owner) ?? 0) - 1;
    if (left > 0) this.#taken.set(owner, left);
    else this.#taken.delete(owner);
    this.#free += 1;
    const next = this.#waiting.find((waiting) => this.#mayTake(waiting.owner));
    if (!next) return;
    this.#waiting = this.#waiting.filter((waiting) => waiting !== next);
    this.#take(next.owner);
    next.begin();
  }
}
