/** Does what belongs to an object once, however often it is asked to, as far as it succeeded. */
export class Once {
  readonly #done = new WeakSet<object>();

  async run(key: object, work: () => Promise<void>): Promise<void> {
    if (this.#done.has(key)) return;
    await work();
    this.#done.add(key);
  }
}
