import type { Model } from '../../src/adapters/onnx/model.ts';

/** One way of scoring rows, kept open while others have their turn. */
export interface Contender {
  name: string;
  /** Scores rows as fast as it can for about `ms` milliseconds. */
  slice(ms: number): Promise<Slice>;
  close(): Promise<void>;
}

/** What a contender did in a slice. */
export interface Slice {
  /** All rows that it scored. */
  rows: number;
  perSecond: number;
}

/** What every contender scores with. */
export interface Setup {
  model: Model;
  workers: number;
  tileRows: number;
  prefix: number;
}

/** Share of a slice in which a contender fills its queues; it does not count. */
const FILL = 0.25;

/**
 * Rows a second over the later part of a slice, which begins when the meter is made. The rows of a completion are spread
 * evenly over the time since the one before, so that slices of few tiles are measured fairly too.
 */
export class Meter {
  readonly #from: number;
  readonly #to: number;
  #last = performance.now();
  #counted = 0;
  #rows = 0;

  constructor(sliceMs: number) {
    this.#from = this.#last + FILL * sliceMs;
    this.#to = this.#last + sliceMs;
  }

  /** Rows that were completed now. */
  add(rows: number): void {
    const now = performance.now();
    const counted = Math.max(0, Math.min(now, this.#to) - Math.max(this.#last, this.#from));
    this.#counted += now > this.#last ? (rows * counted) / (now - this.#last) : 0;
    this.#rows += rows;
    this.#last = now;
  }

  slice(): Slice {
    return { rows: this.#rows, perSecond: (1000 * this.#counted) / (this.#to - this.#from) };
  }
}

/** Keeps `depth` calls of `step` running until `ms` have passed, then waits for the last. */
export async function saturate(depth: number, ms: number, step: () => Promise<unknown>): Promise<void> {
  const end = performance.now() + ms;
  const lane = async () => {
    while (performance.now() < end) await step();
  };
  await Promise.all(Array.from({ length: depth }, lane));
}
