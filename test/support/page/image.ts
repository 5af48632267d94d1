import { setImmediate } from 'node:timers/promises';

/** A picture that a script loads until the test ends it. As in browsers, one that loses its `src` ends without a picture. */
export class PageImage {
  #src = '';
  readonly #decoded = Promise.withResolvers<void>();

  get src(): string {
    return this.#src;
  }

  set src(url: string) {
    this.#src = url;
    if (url === '') this.#fail();
  }

  decode(): Promise<void> {
    return this.#decoded.promise;
  }

  /** Ends the load, with a picture or without, and lets the script go on. */
  async end(shown: boolean): Promise<void> {
    if (shown) this.#decoded.resolve();
    else this.#fail();
    await setImmediate();
  }

  #fail(): void {
    this.#decoded.reject(new Error('no picture'));
  }
}
