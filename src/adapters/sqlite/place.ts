import { type BigIntStats, statSync } from 'node:fs';
import { OrdoError } from '../../errors.ts';

const EVERY_MS = 1000;

/** Notices that a file which is open was deleted or replaced: what is written to it from then on nobody will find. */
export class Place {
  readonly #path: string;
  readonly #nowMs: () => number;
  readonly #file: BigIntStats | undefined;
  #lookedMs: number;

  /** `path`: where the file lies now. `nowMs` is a monotonic clock. */
  constructor(path: string, nowMs: () => number = () => performance.now()) {
    this.#path = path;
    this.#nowMs = nowMs;
    this.#file = this.#look();
    this.#lookedMs = nowMs();
  }

  /** LOG_CORRUPT if another file lies there, or none; looks once a second at most. */
  require(): void {
    if (this.#nowMs() - this.#lookedMs < EVERY_MS) return;
    const found = this.#look();
    if (found?.ino !== this.#file?.ino || found?.dev !== this.#file?.dev) {
      throw new OrdoError('LOG_CORRUPT', `${this.#path} was deleted or replaced while it was open`);
    }
    this.#lookedMs = this.#nowMs();
  }

  #look(): BigIntStats | undefined {
    return statSync(this.#path, { bigint: true, throwIfNoEntry: false });
  }
}
