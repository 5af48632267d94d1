/** What must be closed at the end, in the reverse order of its opening. */
export class Resources {
  #closers: (() => Promise<unknown>)[] = [];

  /** Registers what was opened, and gives it back. */
  own<T extends { close(): Promise<unknown> }>(resource: T): T {
    this.#closers.push(() => resource.close());
    return resource;
  }

  /** Closes everything; an error in one does not keep the others open, and the first is thrown at the end. */
  async close(): Promise<void> {
    const closers = this.#closers.toReversed();
    this.#closers = [];
    const errors: unknown[] = [];
    for (const close of closers) await close().catch((error: unknown) => errors.push(error));
    if (errors.length > 0) throw errors[0];
  }
}
