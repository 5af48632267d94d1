import { at } from '../../domain/at.ts';
import { uniform } from '../../domain/random.ts';
import { AHEAD } from '../../runtime/micro-batcher.ts';
import { TileQueue } from '../../runtime/tile-queue.ts';

/** What an image asks of the scorers, one round after the other. */
export type ImageWork = readonly { prefix: number; rows: number }[];

export interface SimulationOptions {
  /** Images to draw from, all as likely. */
  images: readonly ImageWork[];
  /** Images a second; they come at random moments (a Poisson process). */
  rate: number;
  /** Scoring processes. */
  processes: number;
  /** Workers of each, one tile at a time. */
  workers: number;
  tileRows: number;
  maxDelayMs: number;
  /** Most images in flight in one process. */
  maxImages: number;
  /** Time that a worker takes for a tile of a prefix length. */
  tileMs: (prefix: number) => number;
  /** Processor time of an image beside its scores, on the workers' cores: decoding, the log. 0 where stages run apart. */
  besideMs: number;
  /** From an image's arrival to its first round at a scorer, and from a round's last row to the next round or the label. */
  hopMs: number;
  /** How many images come. */
  count: number;
}

export interface Simulated {
  /** Milliseconds from arrival to label, ascending, without the first tenth of the images. */
  latencies: number[];
  /** Share of the workers' time in which they compute. */
  utilization: number;
}

interface Image {
  arrivedMs: number;
  work: ImageWork;
  round: number;
  left: number;
}

interface Process {
  queue: TileQueue<Image>;
  /** When each worker is through with the tiles it was given. */
  freeAt: number[];
  sent: number;
  inFlight: number;
  /** Rounds that wait for room, later ones of begun images first. */
  next: Image[];
  first: Image[];
}

/**
 * Lets images arrive and scores them in simulated time: the real queue packs and orders tiles, a tile takes as long as
 * it was measured to, or longer by the share of the cores that other work of the images takes, and every process gets its
 * share of the images at random, as partitions do. A function of its input.
 */
export function simulate(options: SimulationOptions): Simulated {
  return new Simulation(options).run();
}

class Simulation {
  readonly #options: SimulationOptions;
  readonly #random = uniform(1);
  readonly #events: { atMs: number; act: (nowMs: number) => void }[] = [];
  readonly #processes: Process[];
  readonly #latencies: number[] = [];
  readonly #slowness: number;
  #busyMs = 0;

  constructor(options: SimulationOptions) {
    this.#options = options;
    const { processes, workers, tileRows, maxDelayMs, rate, besideMs } = options;
    this.#slowness = 1 / (1 - (rate * besideMs) / (1000 * processes * workers));
    this.#processes = Array.from({ length: processes }, () => ({
      queue: new TileQueue<Image>(tileRows, maxDelayMs),
      freeAt: Array.from({ length: workers }, () => 0),
      sent: 0,
      inFlight: 0,
      next: [],
      first: [],
    }));
  }

  run(): Simulated {
    const { count, rate, images, processes, workers } = this.#options;
    let arrivedMs = 0;
    for (let image = 0; image < count; image++) {
      arrivedMs += (-1000 * Math.log(1 - this.#random())) / rate;
      const work = at(images, Math.floor(this.#random() * images.length));
      this.#toScorer({ arrivedMs, work, round: 0, left: 0 }, arrivedMs);
    }
    let nowMs = 0;
    for (let event = this.#events.shift(); event; event = this.#events.shift()) {
      nowMs = event.atMs;
      event.act(nowMs);
    }
    const latencies = this.#latencies.slice(Math.floor(count / 10)).toSorted((a, b) => a - b);
    return { latencies, utilization: this.#busyMs / (nowMs * processes * workers) };
  }

  #toScorer(image: Image, nowMs: number): void {
    const process = at(this.#processes, Math.floor(this.#random() * this.#processes.length));
    this.#at(nowMs + this.#options.hopMs, (thenMs) => {
      process[image.round > 0 ? 'next' : 'first'].push(image);
      this.#admit(process, thenMs);
    });
  }

  #admit(process: Process, nowMs: number): void {
    while (process.inFlight < this.#options.maxImages) {
      const image = process.next.shift() ?? process.first.shift();
      if (!image) break;
      const { prefix, rows } = at(image.work, image.round);
      process.inFlight += 1;
      image.left = rows;
      process.queue.add(image, prefix, rows, nowMs);
    }
    this.#dispatch(process, nowMs);
  }

  #dispatch(process: Process, nowMs: number): void {
    const { workers, tileMs } = this.#options;
    while (process.sent < AHEAD * workers) {
      const ready = process.queue.next({ nowMs, idle: process.sent < workers });
      if (!ready) break;
      const worker = process.freeAt.indexOf(Math.min(...process.freeAt));
      const took = tileMs(ready.tile.prefix) * this.#slowness;
      const doneMs = Math.max(nowMs, at(process.freeAt, worker)) + took;
      process.freeAt[worker] = doneMs;
      process.sent += 1;
      this.#busyMs += took;
      this.#at(doneMs, (thenMs) => this.#scored(process, ready.tile.rows, thenMs));
    }
    const dueMs = process.queue.dueMs();
    if (dueMs !== undefined && dueMs > nowMs) this.#at(dueMs, (thenMs) => this.#dispatch(process, thenMs));
  }

  #scored(process: Process, rows: readonly { owner: Image }[], nowMs: number): void {
    process.sent -= 1;
    for (const { owner } of rows) {
      owner.left -= 1;
      if (owner.left > 0) continue;
      process.inFlight -= 1;
      owner.round += 1;
      if (owner.round < owner.work.length) this.#toScorer(owner, nowMs);
      else this.#latencies.push(nowMs + this.#options.hopMs - owner.arrivedMs);
    }
    this.#admit(process, nowMs);
  }

  #at(atMs: number, act: (nowMs: number) => void): void {
    let [low, high] = [0, this.#events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at(this.#events, middle).atMs <= atMs) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, { atMs, act });
  }
}
