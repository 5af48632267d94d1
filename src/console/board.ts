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
  /** Streams kept; the one that was silent for longest goes first. */
  streams: number;
  /** Marks kept of a stream. */
  history: number;
}

/** The newest labels, in all and by stream. */
export class Board {
  readonly #options: BoardOptions;
  /** From the stream silent for longest to the one heard of last. */
  readonly #streams = new Map<string, StreamView>();
  #recent: LabelView[] = [];

  constructor(options: BoardOptions = { recent: 200, streams: 48, history: 24 }) {
    this.#options = options;
  }

  add(label: LabelView): void {
    const { recent, streams, history } = this.#options;
    this.#recent.push(label);
    if (this.#recent.length > 2 * recent) this.#recent = this.#recent.slice(-recent);
    const marks = [...(this.#streams.get(label.stream)?.history ?? []), markOf(label)].slice(-history);
    this.#streams.delete(label.stream);
    this.#streams.set(label.stream, { latest: label, history: marks });
    for (const [stream] of this.#streams) {
      if (this.#streams.size <= streams) break;
      this.#streams.delete(stream);
    }
  }

  /** Oldest first. */
  recent(): LabelView[] {
    return this.#recent.slice(-this.#options.recent);
  }

  streams(): StreamView[] {
    return [...this.#streams.values()];
  }
}

function markOf({ outcome, truth, right }: LabelView): Mark {
  if (outcome.kind !== 'classified') return outcome.kind;
  if (truth === undefined) return 'unknown';
  if (right === undefined) return 'none';
  return right ? 'right' : 'wrong';
}
