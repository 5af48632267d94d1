/** Work that goes on past failures: the first is kept, and thrown at the end. */
export class Perseverance {
  #first: { error: unknown } | undefined;

  /** What the work gives; undefined where it failed. */
  async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#first ??= { error };
      return undefined;
    }
  }

  /** Throws the first failure, if there was one. */
  raise(): void {
    if (this.#first) throw this.#first.error;
  }
}
