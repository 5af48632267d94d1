import { extname } from 'node:path';
import type { Model } from './model.ts';
import type { PaintedBatch, PaintOrder } from './paint-worker.ts';
import { SessionPool } from './session-pool.ts';

export interface PaintRequest {
  classId: number;
  /** A whole number from 0 to 2^32 - 1. */
  seed: number;
  /** Divides the logits: below 1 keeps to what is probable. 0.8 unless given. */
  temperature?: number;
}

export interface Painting {
  /** N tokens in raster order. */
  tokens: Uint16Array;
  /** [height, width, 3], sRGB. */
  pixels: Uint8Array;
}

/**
 * Samples pictures of classes from a model: tokens place by place in a random order, each drawn from the model's
 * prediction given those before it and the class; then the decoder's image of them under a light of its own. A request
 * gives the same picture each time, within one numeric profile. Runs in a thread of its own.
 */
export interface Painter {
  paint(request: PaintRequest): Promise<Painting>;
  /** Paints several at once, which costs less than one by one. */
  paintMany(requests: readonly PaintRequest[]): Promise<Painting[]>;
  close(): Promise<void>;
}

/** Pictures painted side by side: beyond this a batch saves little. */
const BATCH = 8;
const TEMPERATURE = 0.8;

/** Errors: MODEL_INVALID where a graph cannot be loaded. */
export async function openPainter(model: Model): Promise<Painter> {
  const { tokens, image } = model.manifest;
  const pool = await SessionPool.open<PaintedBatch>({
    module: new URL(`./paint-worker${extname(import.meta.url)}`, import.meta.url),
    data: { paint: model.graph('paint.onnx'), decoder: model.graph('decoder.onnx'), tokens, image },
    threads: 1,
  });

  function run(requests: readonly PaintRequest[]): Promise<PaintedBatch> {
    const orders: PaintOrder[] = requests.map((request) => ({ temperature: TEMPERATURE, ...request }));
    return pool.run(() => ({ body: orders, transfer: [] }));
  }

  const bytes = image.width * image.height * 3;
  const cut = (batch: PaintedBatch, row: number): Painting => ({
    tokens: batch.tokens.slice(row * tokens.positions, (row + 1) * tokens.positions),
    pixels: batch.pixels.slice(row * bytes, (row + 1) * bytes),
  });

  async function paintMany(requests: readonly PaintRequest[]): Promise<Painting[]> {
    const starts = Array.from({ length: Math.ceil(requests.length / BATCH) }, (_, batch) => batch * BATCH);
    const batches = starts.map(async (start) => {
      const batch = await run(requests.slice(start, start + BATCH));
      return requests.slice(start, start + BATCH).map((_, row) => cut(batch, row));
    });
    return (await Promise.all(batches)).flat();
  }

  return { paint: async (request) => cut(await run([request]), 0), paintMany, close: () => pool.close() };
}
