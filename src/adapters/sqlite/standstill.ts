/** More than a sign of life of any group takes, and less than people put a machine to sleep for. */
const MOST_LATE_MS = 10_000;

/** Tells, from one look to the next, whether the machine stood still in between, or its clock was set forward. */
export class Standstill {
  readonly #intervalMs: number;
  #lookedMs: number;

  /** Looks come every `intervalMs` or sooner; times are in milliseconds since 1970. */
  constructor(intervalMs: number, nowMs: number) {
    this.#intervalMs = intervalMs;
    this.#lookedMs = nowMs;
  }

  /** Whether this look comes much later than it should. */
  justEnded(nowMs: number): boolean {
    const lateMs = nowMs - this.#lookedMs - this.#intervalMs;
    this.#lookedMs = nowMs;
    return lateMs > MOST_LATE_MS;
  }
}
