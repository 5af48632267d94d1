import { extname } from 'node:path';
import { OrdoError } from '../../errors.ts';
import type { NumericProfile, Provider, Scorer, Tile } from '../../ports/scorer.ts';
import { hardwareOf } from './hardware.ts';
import type { GraphFile } from './graph-file.ts';
import type { Model } from './model.ts';
import { findOverlay } from './overlay.ts';
import { randomTile, requireParity } from './parity.ts';
import type { TileRequest } from './score-worker.ts';
import { type TileShape, tileBytes, tileViews } from './scorer-buffer.ts';
import { type Device, RUNTIME } from './session.ts';
import { SessionPool } from './session-pool.ts';
import type { Parcel } from './session-thread.ts';

export interface OnnxScorerOptions {
  /** Worker threads, one session each, of one thread on the CPU; 1 or more. */
  workers: number;
  /** Rows of every tile; 1 or more. */
  tileRows: number;
  provider: Provider;
  /** int8 takes the model's quantized graph; fp32 unless given. */
  precision?: 'fp32' | 'int8';
  /** Which of several GPUs, for CUDA; the first unless given. */
  deviceId?: number;
}

/**
 * Opens a model's score graph in worker threads, each of which has scored a tile of every prefix length when this
 * resolves. A provider other than the CPU is first compared with it. A tile must stay as it is until its result is there.
 * `close` finishes the tiles that were begun.
 * Errors: MODEL_INVALID where the graph cannot be loaded, those of `findOverlay`, PROVIDER_UNAVAILABLE, SCORER_PARITY; those
 * of the port.
 */
export async function openOnnxScorer(model: Model, options: OnnxScorerOptions): Promise<Scorer> {
  const scorer = await open(model, options);
  try {
    if (options.provider !== 'cpu') await compareWithCpu(scorer, model, options);
    await warmUp(scorer, model);
    return scorer;
  } catch (error) {
    await scorer.close();
    throw error;
  }
}

async function open(model: Model, options: OnnxScorerOptions): Promise<Scorer> {
  const { provider, deviceId = 0, workers: threads } = options;
  const int8 = options.precision === 'int8' ? await findOverlay('int8', model) : undefined;
  const module = new URL(`./score-worker${extname(import.meta.url)}`, import.meta.url);
  const data = { graph: int8 ?? model.graph('score.onnx'), device: { provider, deviceId } satisfies Device };
  const pool = await SessionPool.open<ArrayBuffer>({ module, data, threads });
  return new OnnxScorer(pool, model, options, await numericProfile(model, options, int8));
}

async function compareWithCpu(scorer: Scorer, model: Model, options: OnnxScorerOptions): Promise<void> {
  const reference = await open(model, { ...options, workers: 1, provider: 'cpu' });
  try {
    await requireParity(scorer, reference, model.manifest);
  } finally {
    await reference.close();
  }
}

/** First runs allocate and, on accelerators, compile: no image should wait for that. */
async function warmUp(scorer: Scorer, { manifest }: Model): Promise<void> {
  for (const prefix of manifest.prefixes) {
    const tile = randomTile(manifest, scorer.tileRows, prefix);
    await Promise.all(Array.from({ length: scorer.parallelism }, () => scorer.score(tile)));
  }
}

class OnnxScorer implements Scorer {
  readonly profile: NumericProfile;
  readonly tileRows: number;
  readonly parallelism: number;
  readonly #pool: SessionPool<ArrayBuffer>;
  readonly #positions: number;
  /** Buffers to use again, by their size. */
  readonly #spare = new Map<number, ArrayBuffer[]>();

  constructor(
    pool: SessionPool<ArrayBuffer>,
    model: Model,
    { workers, tileRows }: OnnxScorerOptions,
    profile: NumericProfile,
  ) {
    this.profile = profile;
    this.tileRows = tileRows;
    this.parallelism = workers;
    this.#pool = pool;
    this.#positions = model.manifest.tokens.positions;
  }

  async score(tile: Tile): Promise<Float32Array> {
    const shape = { rows: this.tileRows, positions: this.#positions, prefix: tile.prefix };
    requireShape(tile, shape);
    const buffer = await this.#pool.run(() => this.#parcel(tile, shape));
    const result = tileViews(buffer, shape).logLikelihoods.slice();
    this.#recycle(buffer);
    return result;
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  #parcel(tile: Tile, shape: TileShape): Parcel {
    const bytes = tileBytes(shape);
    const buffer = this.#spare.get(bytes)?.pop() ?? new ArrayBuffer(bytes);
    const views = tileViews(buffer, shape);
    views.tokens.set(tile.tokens);
    views.orders.set(tile.orders);
    views.classes.set(tile.classes);
    return { body: { buffer, shape } satisfies TileRequest, transfer: [buffer] };
  }

  #recycle(buffer: ArrayBuffer): void {
    const spare = this.#spare.get(buffer.byteLength);
    if (!spare) this.#spare.set(buffer.byteLength, [buffer]);
    else if (spare.length < 2 * this.parallelism) spare.push(buffer);
  }
}

async function numericProfile(
  model: Model,
  { provider, deviceId = 0, tileRows }: OnnxScorerOptions,
  int8: GraphFile | undefined,
): Promise<NumericProfile> {
  return {
    modelDigest: model.digestHex,
    precision: int8 ? 'int8' : 'fp32',
    ...(int8 && { graph: int8.sha256 }),
    provider,
    runtime: RUNTIME,
    ...(await hardwareOf({ provider, deviceId })),
    threads: 1,
    tileRows,
  };
}

function requireShape({ rows, prefix, tokens, orders, classes }: Tile, shape: TileShape): void {
  const right =
    rows === shape.rows &&
    prefix >= 1 &&
    prefix <= shape.positions &&
    tokens.length === rows * shape.positions &&
    orders.length === rows * prefix &&
    classes.length === rows;
  if (!right)
    throw new OrdoError('INTERNAL', `a tile of ${rows} rows and prefix ${prefix} is not of this scorer's shape`);
}
