import { workerData } from 'node:worker_threads';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import type { Manifest } from './manifest.ts';
import { lit } from './paint-light.ts';
import { draw, shuffled, type Uniform, uniformOf } from './paint-random.ts';
import type { GraphFile } from './graph-file.ts';
import { openSession, SIGNATURES } from './session.ts';
import { type Answer, serve } from './session-worker.ts';

export interface PaintOrder {
  classId: number;
  seed: number;
  temperature: number;
}

export interface PaintedBatch {
  /** [rows, N] */
  tokens: Uint16Array;
  /** [rows, height, width, 3] */
  pixels: Uint8Array;
}

/** A picture being painted: `order` says which place is filled when. */
interface Canvas extends PaintOrder {
  tokens: Int32Array;
  order: Int32Array;
  uniform: Uniform;
}

type Data = Pick<Manifest, 'tokens' | 'image'> & { paint: GraphFile; decoder: GraphFile };

const { paint: paintFile, decoder: decoderFile, tokens: grid, image }: Data = workerData;
const paint = await openSession(paintFile, SIGNATURES.paint);
const decoder = await openSession(decoderFile, SIGNATURES.decoder);
serve([paint, decoder], paintAll);

async function paintAll(orders: readonly PaintOrder[]): Promise<Answer> {
  const canvases = orders.map(blank);
  for (let filled = 0; filled < grid.positions; filled++) await fillNext(canvases, filled);
  const pixels = await decode(canvases);
  const tokens = Uint16Array.from(canvases.flatMap((canvas) => [...canvas.tokens]));
  return { reply: { tokens, pixels } satisfies PaintedBatch, transfer: [tokens.buffer, pixels.buffer] };
}

function blank(order: PaintOrder): Canvas {
  const uniform = uniformOf(order.seed, order.classId);
  return { ...order, uniform, tokens: new Int32Array(grid.positions), order: shuffled(grid.positions, uniform) };
}

/** Draws the token of the next place of every canvas from the model's prediction for it. */
async function fillNext(canvases: readonly Canvas[], filled: number): Promise<void> {
  const length = filled + 1;
  const logits = await floats(paint, 'logits', {
    tokens: joined(canvases.map(({ tokens }) => tokens)),
    order: joined(canvases.map(({ order }) => order.subarray(0, length))),
    class: new Tensor(
      'int32',
      Int32Array.from(canvases, ({ classId }) => classId),
      [canvases.length],
    ),
  });
  canvases.forEach(({ tokens, order, temperature, uniform }, row) => {
    const end = (row + 1) * length * grid.codes;
    tokens[order[filled] ?? 0] = draw(logits.subarray(end - grid.codes, end), temperature, uniform);
  });
}

async function decode(canvases: readonly Canvas[]): Promise<Uint8Array<ArrayBuffer>> {
  const images = await floats(decoder, 'image', { tokens: joined(canvases.map(({ tokens }) => tokens)) });
  const size = image.width * image.height * 3;
  const pixels = new Uint8Array(canvases.length * size);
  canvases.forEach(({ uniform }, row) => {
    pixels.set(lit(images.subarray(row * size, (row + 1) * size), uniform), row * size);
  });
  return pixels;
}

/** Rows of one length as a tensor [rows, length]. */
function joined(rows: readonly Int32Array[]): Tensor {
  const length = rows[0]?.length ?? 0;
  const values = new Int32Array(rows.length * length);
  rows.forEach((row, index) => values.set(row, index * length));
  return new Tensor('int32', values, [rows.length, length]);
}

async function floats(session: InferenceSession, output: string, feeds: Record<string, Tensor>): Promise<Float32Array> {
  const { [output]: tensor } = await session.run(feeds);
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new Error(`${output} is not of float32`);
}
