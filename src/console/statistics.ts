import type { LabelView } from './label-view.ts';

/** Figures over the labels seen; times in milliseconds, log-likelihoods in nats, null where nothing was seen. */
export interface Summary {
  /** Labels in each of the last seconds, oldest first; the last entry is the second before the current one. */
  perSecond: number[];
  /** Labels a second over the last ten. */
  rate: number;
  /** From an image being taken to its label being on the log, over the last minute. */
  latencyMs: { p50: number | null; p95: number | null };
  outcomes: { classified: number; failed: number; expired: number };
  /** Against the producers' truth: images that show one of the classes, and how many of those got it. */
  accuracy: { right: number; judged: number };
  /** Means over the window. */
  perImage: { orders: number | null; rows: number | null };
  /** Median log p(x) over the window: of images that show a class as far as is known, and of those that show none. */
  logEvidence: { classes: number | null; none: number | null; noneSeen: number };
}

const SECONDS = 300;
const RATE_SECONDS = 10;
/** Labels that medians and means are taken over. */
const WINDOW = 500;
const LATENCY_WINDOW_MS = 60_000;

/** Keeps count of labels, in bounded memory. */
export class Statistics {
  /** By second since 1970. */
  readonly #bySecond = new Map<number, number>();
  readonly #outcomes = { classified: 0, failed: 0, expired: 0 };
  readonly #accuracy = { right: 0, judged: 0 };
  #latencies: { atMs: number; ms: number }[] = [];
  readonly #orders = new Ring(WINDOW);
  readonly #rows = new Ring(WINDOW);
  readonly #evidence = { classes: new Ring(WINDOW), none: new Ring(WINDOW) };
  #noneSeen = 0;

  add({ outcome, labelledAtMs, capturedAtMs, truth, right }: LabelView): void {
    const second = Math.floor(labelledAtMs / 1000);
    this.#bySecond.set(second, (this.#bySecond.get(second) ?? 0) + 1);
    this.#outcomes[outcome.kind]++;
    if (outcome.kind !== 'classified') return;
    this.#latencies.push({ atMs: labelledAtMs, ms: Math.max(0, labelledAtMs - capturedAtMs) });
    if (this.#latencies.length > 2 * WINDOW) this.#latencies = this.#latencies.slice(-WINDOW);
    this.#orders.push(outcome.orders);
    this.#rows.push(outcome.rows);
    const shows = truth?.classId === null ? 'none' : 'classes';
    this.#evidence[shows].push(outcome.logEvidence);
    if (shows === 'none') this.#noneSeen++;
    if (right === undefined) return;
    this.#accuracy.judged++;
    if (right) this.#accuracy.right++;
  }

  summary(nowMs: number): Summary {
    const perSecond = this.#series(Math.floor(nowMs / 1000));
    return {
      perSecond,
      rate: sum(perSecond.slice(-RATE_SECONDS)) / RATE_SECONDS,
      latencyMs: this.#latency(nowMs),
      outcomes: { ...this.#outcomes },
      accuracy: { ...this.#accuracy },
      perImage: { orders: this.#orders.mean(), rows: this.#rows.mean() },
      logEvidence: {
        classes: this.#evidence.classes.median(),
        none: this.#evidence.none.median(),
        noneSeen: this.#noneSeen,
      },
    };
  }

  #latency(nowMs: number): Summary['latencyMs'] {
    const recent = this.#latencies.filter(({ atMs }) => atMs > nowMs - LATENCY_WINDOW_MS).map(({ ms }) => ms);
    return { p50: quantile(recent, 0.5), p95: quantile(recent, 0.95) };
  }

  #series(currentSecond: number): number[] {
    const first = currentSecond - SECONDS;
    for (const second of this.#bySecond.keys()) if (second < first) this.#bySecond.delete(second);
    return Array.from({ length: SECONDS }, (_, index) => this.#bySecond.get(first + index) ?? 0);
  }
}

/** The last numbers pushed. */
class Ring {
  readonly #values: number[] = [];
  readonly #size: number;
  #next = 0;

  constructor(size: number) {
    this.#size = size;
  }

  push(value: number): void {
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % this.#size;
  }

  mean(): number | null {
    return this.#values.length === 0 ? null : sum(this.#values) / this.#values.length;
  }

  median(): number | null {
    return quantile(this.#values, 0.5);
  }
}

/** The smallest value that at least the share `q` of the values do not exceed (nearest rank); null where there is none. */
function quantile(values: readonly number[], q: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? null;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
