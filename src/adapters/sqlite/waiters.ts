interface Waiter {
  /** Tries once; true when the waiter is served. */
  attempt(): boolean;
  end(): void;
}

/** Reads that found nothing and wait for records to arrive. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();
  readonly #onWait: () => void;
  #soon = false;

  /** `onWait` is called when a wait begins. */
  constructor(onWait: () => void) {
    this.#onWait = onWait;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Repeats the read at each wake-up until it finds something or the time is up. */
  until<T>(read: () => T | undefined, waitMs: number): Promise<T | undefined> {
    const found = read();
    if (found !== undefined || waitMs <= 0) return Promise.resolve(found);
    const { promise, resolve, reject } = Promise.withResolvers<T | undefined>();
    const settle = (action: () => void) => {
      clearTimeout(timer);
      this.#waiting.delete(waiter);
      action();
      return true;
    };
    const waiter: Waiter = {
      attempt: () => {
        try {
          const result = read();
          return result !== undefined && settle(() => resolve(result));
        } catch (error) {
          return settle(() => reject(error));
        }
      },
      end: () => void settle(() => resolve(undefined)),
    };
    const timer = setTimeout(() => waiter.end(), waitMs);
    this.#waiting.add(waiter);
    this.#onWait();
    return promise;
  }

  /** Lets every waiter try again; true if one was served. */
  wake(): boolean {
    return [...this.#waiting].map((waiter) => waiter.attempt()).includes(true);
  }

  /** Wakes all once for whatever is written until then. */
  wakeSoon(): void {
    if (this.#soon) return;
    this.#soon = true;
    setImmediate(() => {
      this.#soon = false;
      this.wake();
    });
  }

  /** Ends all waits with nothing found. */
  end(): void {
    for (const waiter of this.#waiting) waiter.end();
  }
}
