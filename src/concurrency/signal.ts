/** Wakes whoever waits for a state that others change. */
export class Signal {
  #waiting: (() => void)[] = [];

  /** Tells those who wait to look again. */
  raise(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /**
   * Resolves once `condition` holds, to true, or after `mostMs`, to whether it does then. The condition is looked at now
   * and at every `raise`, with nothing in between, so no raise is missed.
   */
  async until(condition: () => boolean, mostMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    const end = performance.now() + mostMs;
    while (!condition()) {
      const left = end - performance.now();
      if (left <= 0) return false;
      await this.#next(left);
    }
    return true;
  }

  #next(mostMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = Number.isFinite(mostMs) ? setTimeout(() => this.raise(), mostMs) : undefined;
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
