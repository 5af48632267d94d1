import { setTimeout as sleep } from 'node:timers/promises';
import { randomOf } from './random.ts';
import { type Raster, rasterOf } from './raster.ts';

/** Paints pictures of classes: adapters/onnx/painter.ts does. */
export interface SignPainter {
  /**
   * A square picture, [side, side, 3], RGB, 0 to 255; undefined where none came out well. The same request, the same
   * picture.
   */
  paint(request: { classId: number; seed: number; temperature: number }): Promise<{ pixels: Uint8Array } | undefined>;
}

export interface Sign {
  classId: number;
  picture: Raster;
}

export interface SignBookOptions {
  painter: SignPainter;
  classes: number;
  /** Pictures of each class. */
  variants?: number;
  /** Pictures that must be there before the first is given out, so that cameras do not all start with the same. */
  first?: number;
}

/** Cool enough that most pictures can be made out, warm enough that they differ. */
const TEMPERATURE = 0.65;

/**
 * Pictures of all classes, painted one after the other in the background and kept. After the first few, painting takes
 * no more than half of the time, so that the pipeline gets its share of the cores.
 */
export class SignBook {
  readonly #signs: Sign[] = [];
  readonly #options: Required<SignBookOptions>;
  readonly #stop = new AbortController();
  /** Settles when all are painted or it was closed; rejects with what the painter threw. */
  readonly done: Promise<void>;
  #first = Promise.withResolvers<void>();

  constructor(options: SignBookOptions) {
    this.#options = { variants: 2, first: 6, ...options };
    this.done = this.#paintAll();
    this.done.then(this.#first.resolve, this.#first.reject);
    this.#first.promise.catch(() => {});
  }

  /** How many pictures there are by now. */
  get painted(): number {
    return this.#signs.length;
  }

  /**
   * A sign for a track: which one follows from the camera and the track once all are painted, and before from what there
   * is too. Waits for the first few. Undefined if the book was closed before. Errors: those of the painter.
   */
  async signFor(camera: string, track: number): Promise<Sign | undefined> {
    await this.#first.promise;
    return this.#signs[randomOf('sign', camera, track).below(this.#signs.length)];
  }

  /** Stops painting once the picture in hand is done. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.done.catch(() => {});
  }

  async #paintAll(): Promise<void> {
    const { painter, classes, variants, first } = this.#options;
    for (let seed = 0; seed < variants; seed++) {
      for (const classId of shuffled(classes, seed)) {
        if (this.#stop.signal.aborted) return;
        const startedAt = performance.now();
        const painting = await painter.paint({ classId, seed, temperature: TEMPERATURE });
        if (painting) this.#keep(classId, painting.pixels);
        if (this.#signs.length < first) continue;
        this.#first.resolve();
        await this.#rest(performance.now() - startedAt);
      }
    }
  }

  #keep(classId: number, pixels: Uint8Array): void {
    this.#signs.push({ classId, picture: rasterOf(Math.sqrt(pixels.length / 3), pixels) });
  }

  async #rest(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => {});
  }
}

/** The numbers 0 to n - 1, in an order that follows from the seed. */
function shuffled(n: number, seed: number): number[] {
  const random = randomOf('shuffle', seed);
  return Array.from({ length: n }, (_, i) => ({ i, at: random.next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ i }) => i);
}
