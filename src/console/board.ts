import { Crowd } from './crowd.ts';
import type { LabelView } from './label-view.ts';

/** What became of an image, in one word for a dot. */
export type Mark = 'right' | 'wrong' | 'none' | 'unknown' | 'failed' | 'expired';

export interface StreamView {
  latest: LabelView;
  /** Marks of the stream's last images, oldest first. */
  history: Mark[];
}

export interface BoardOptions {
  /** Labels kept. */
  recent: number;
  /** Streams kept. */
  streams: number;
  /** Marks kept of a stream. */
  history: number;
  /** Streams counted, those that are kept among them. */
  counted: number;
  /** How long a stream was silent before it gives way to another: well longer than what pages show as silent. */
  keptMs: number;
}

/** How many streams were heard of lately; `more` where it may be more than are counted. */
export interface StreamCount {
  count: number;
  more: boolean;
}

const DEFAULTS: BoardOptions = { recent: 200, streams: 48, history: 24, counted: 1000, keptMs: 600_000 };

/** The newest labels, in all and by stream. Streams that there is no place for are counted only. */
export class Board {
  readonly #options: BoardOptions;
  readonly #streams = new Map<string, StreamView>();
  readonly #others: Crowd;
  #recent: LabelView[] = [];

  constructor(options: BoardOptions = DEFAULTS) {
    this.#options = options;
    this.#others = new Crowd(options.counted - options.streams);
  }

  add(label: LabelView): void {
    const { recent } = this.#options;
    this.#recent.push(label);
    if (this.#recent.length > 2 * recent) this.#recent = this.#recent.slice(-recent);
    if (this.#findPlace(label)) this.#keep(label);
    else this.#others.add(label.stream, label.labelledAtMs);
  }

  /** Oldest first. */
  recent(): LabelView[] {
    return this.#recent.slice(-this.#options.recent);
  }

  streams(): StreamView[] {
    return [...this.#streams.values()];
  }

  /** The streams kept, and the others that were heard of within `keptMs` before now. */
  count(nowMs: number): StreamCount {
    const { counted, keptMs } = this.#options;
    const count = this.#streams.size + this.#others.since(nowMs - keptMs);
    return { count, more: count === counted };
  }

  /** Whether the stream of the label has a place; where all are taken, one that was silent for long makes way. */
  #findPlace({ stream, labelledAtMs }: LabelView): boolean {
    if (this.#streams.has(stream) || this.#streams.size < this.#options.streams) return true;
    const [stalest] = this.streams()
      .map(({ latest }) => latest)
      .toSorted((a, b) => a.labelledAtMs - b.labelledAtMs);
    if (!stalest || labelledAtMs - stalest.labelledAtMs <= this.#options.keptMs) return false;
    return this.#streams.delete(stalest.stream);
  }

  #keep(label: LabelView): void {
    const marks = [...(this.#streams.get(label.stream)?.history ?? []), markOf(label)].slice(-this.#options.history);
    this.#streams.set(label.stream, { latest: label, history: marks });
    this.#others.delete(label.stream);
  }
}

function markOf({ outcome, truth, right }: LabelView): Mark {
  if (outcome.kind !== 'classified') return outcome.kind;
  if (truth === undefined) return 'unknown';
  if (right === undefined) return 'none';
  return right ? 'right' : 'wrong';
}
