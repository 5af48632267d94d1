import { OrdoError } from '../../errors.ts';
import type { TokenizedImage } from '../../ports/tokenizer.ts';
import type { Decoder, DecoderOutcome } from './decoder-child.ts';

const ATTEMPTS = 3;

export interface DecoderPoolOptions {
  start: () => Promise<Decoder>;
  /** 1 or more. */
  processes: number;
  /** Longest time for one image, from a decoder taking it. */
  timeoutMs: number;
  /** A decoder that holds more than this after an image is replaced. */
  recycleBytes: number;
}

/** A place for a decoder: empty until one is started, and again when it died. */
interface Slot {
  decoder?: Decoder | undefined;
  outgrown: boolean;
}

interface Job {
  bytes: Uint8Array;
  resolve: (image: TokenizedImage) => void;
  reject: (error: unknown) => void;
}

/** Decoder processes with one queue, first in, first out, in front of them. */
export class DecoderPool {
  readonly #options: DecoderPoolOptions;
  readonly #slots: readonly Slot[];
  readonly #idle: Slot[];
  readonly #queue: Job[] = [];
  readonly #working = new Set<Promise<void>>();
  #closed = false;

  /** Starts every decoder. Errors: those of `start`. */
  static async open(options: DecoderPoolOptions): Promise<DecoderPool> {
    const pool = new DecoderPool(options);
    const started = await Promise.allSettled(pool.#slots.map((slot) => pool.#fill(slot)));
    const failed = started.find((result) => result.status === 'rejected');
    if (!failed) return pool;
    await pool.close();
    throw failed.reason;
  }

  private constructor(options: DecoderPoolOptions) {
    this.#options = options;
    this.#slots = Array.from({ length: options.processes }, () => ({ outgrown: false }));
    this.#idle = [...this.#slots];
  }

  /**
   * Tokens of one image. One that kills its decoder is tried on another, three times in all; one that is late is not. A
   * decoder that died while it had nothing to do is replaced and counts against no image.
   * Errors: what the decoder says, IMAGE_TIMEOUT, IMAGE_CRASHED_DECODER, DECODER_UNAVAILABLE, STOPPED.
   */
  decode(bytes: Uint8Array): Promise<TokenizedImage> {
    if (this.#closed) return Promise.reject(stopped());
    return new Promise((resolve, reject) => {
      this.#queue.push({ bytes, resolve, reject });
      this.#dispatch();
    });
  }

  /** Rejects what is queued or in work with STOPPED, and resolves when every process is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#queue.splice(0)) reject(stopped());
    await Promise.all(this.#slots.map(vacate));
    await Promise.all(this.#working);
  }

  #dispatch(): void {
    const slot = this.#queue.length > 0 ? this.#idle.pop() : undefined;
    const job = slot && this.#queue.shift();
    if (!job) return;
    const work = this.#serve(slot, job).finally(() => {
      this.#working.delete(work);
      this.#idle.push(slot);
      this.#dispatch();
    });
    this.#working.add(work);
  }

  /** Never rejects: the image has its answer by the time that an outgrown decoder is stopped. */
  async #serve(slot: Slot, { bytes, resolve, reject }: Job): Promise<void> {
    await this.#attempt(slot, bytes).then(resolve, reject);
    if (slot.outgrown) await vacate(slot).catch(() => undefined);
  }

  async #attempt(slot: Slot, bytes: Uint8Array): Promise<TokenizedImage> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const decoder = await this.#ready(slot);
      const outcome = await decoder.decode(bytes, this.#options.timeoutMs);
      if (outcome.kind !== 'died') return this.#settle(slot, outcome);
      slot.decoder = undefined;
      if (this.#closed) throw stopped();
    }
    throw new OrdoError('IMAGE_CRASHED_DECODER', `${ATTEMPTS} decoder processes died on the image`);
  }

  #settle(slot: Slot, outcome: Exclude<DecoderOutcome, { kind: 'died' }>): TokenizedImage {
    if (outcome.kind === 'late') {
      slot.decoder = undefined;
      throw new OrdoError('IMAGE_TIMEOUT', `the image was not decoded within ${this.#options.timeoutMs} ms`);
    }
    slot.outgrown = outcome.memoryBytes > this.#options.recycleBytes;
    if (outcome.kind === 'tokens') return outcome.image;
    if (outcome.kind === 'failure') throw new OrdoError(outcome.code, outcome.message);
    throw new OrdoError('INTERNAL', `a decoder process said ${outcome.kind} of an image`);
  }

  async #ready(slot: Slot): Promise<Decoder> {
    try {
      return slot.decoder && !slot.decoder.isGone() ? slot.decoder : await this.#fill(slot);
    } catch (cause) {
      if (this.#closed) throw stopped();
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new OrdoError('DECODER_UNAVAILABLE', `no decoder process can be started: ${why}`, { cause });
    }
  }

  async #fill(slot: Slot): Promise<Decoder> {
    const decoder = await this.#options.start();
    slot.decoder = decoder;
    if (!this.#closed) return decoder;
    await vacate(slot);
    throw stopped();
  }
}

async function vacate(slot: Slot): Promise<void> {
  const { decoder } = slot;
  slot.decoder = undefined;
  slot.outgrown = false;
  await decoder?.stop();
}

function stopped(): OrdoError {
  return new OrdoError('STOPPED', 'the tokenizer was closed');
}
