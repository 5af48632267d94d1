import type { OrdoError } from '../../errors.ts';

/** Trouble that passes within this time is not worth a word. */
const PATIENCE_MS = 2000;

/** What keeps failing in the background, until the caller asks. */
export class Trouble {
  #since: number | undefined;
  #error: OrdoError | undefined;

  /** Something failed that is tried again. */
  note(error: OrdoError): void {
    this.#since ??= performance.now();
    this.#error = error;
  }

  /** What failed works again. */
  clear(): void {
    this.#since = undefined;
    this.#error = undefined;
  }

  /** The error of what has failed for a while. */
  get lasting(): OrdoError | undefined {
    return this.#since !== undefined && performance.now() - this.#since > PATIENCE_MS ? this.#error : undefined;
  }
}
