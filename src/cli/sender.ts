import { setTimeout as sleep } from 'node:timers/promises';
import type { ImageInput, ImageProducer } from '../app/producer.ts';
import type { ProduceInput } from './produce-inputs.ts';

/** Images are sent once this many, or this many bytes of them, are there. */
const BATCH = { images: 64, bytes: 8 * 2 ** 20 };
/** Batches a second at most where a rate is asked for: smooth enough for people, few enough for the log. */
const BATCHES_PER_SECOND = 10;

/**
 * Sends images in batches, at a steady rate where one is asked for: each input has its turn, one without an image too. An
 * image counts as captured when it is sent.
 */
export class Sender {
  readonly sent = { produced: 0, bytes: 0 };
  readonly #producer: ImageProducer;
  readonly #rate: number;
  readonly #stop: AbortSignal;
  readonly #startedAt = performance.now();
  #batch: Omit<ImageInput, 'capturedAtMs'>[] = [];
  #bytes = 0;
  /** Turns of the batch, and of all before it. */
  #turns = 0;
  #turnsBefore = 0;

  /** `rate` is in images per second; `stop` cuts its pauses short. */
  constructor(producer: ImageProducer, rate: number | undefined, stop: AbortSignal) {
    this.#producer = producer;
    this.#rate = rate ?? Infinity;
    this.#stop = stop;
  }

  /** Takes an image, and sends the batch if that fills it: slow logs hold the caller back here. */
  async add({ source, id, stream, attributes }: ProduceInput, bytes: Uint8Array): Promise<void> {
    this.#batch.push({ source, id, stream, attributes, bytes });
    this.#bytes += bytes.length;
    await this.#turn();
  }

  /** Lets an input that gave no image take its turn. */
  async skip(): Promise<void> {
    await this.#turn();
  }

  /** Sends what is there. */
  async flush(): Promise<void> {
    await this.#pause();
    const capturedAtMs = Date.now();
    const images = this.#batch.map((image) => ({ ...image, capturedAtMs }));
    if (images.length > 0) await this.#producer.send(images);
    this.sent.produced += this.#batch.length;
    this.sent.bytes += this.#bytes;
    this.#turnsBefore += this.#turns;
    this.#batch = [];
    this.#bytes = 0;
    this.#turns = 0;
  }

  async #turn(): Promise<void> {
    this.#turns += 1;
    const full = Math.min(BATCH.images, Math.ceil(this.#rate / BATCHES_PER_SECOND));
    if (this.#turns >= full || this.#bytes >= BATCH.bytes) await this.flush();
  }

  async #pause(): Promise<void> {
    const dueAt = this.#startedAt + (this.#turnsBefore / this.#rate) * 1000;
    const ms = dueAt - performance.now();
    if (ms > 0) await sleep(ms, undefined, { signal: this.#stop }).catch(() => {});
  }
}
