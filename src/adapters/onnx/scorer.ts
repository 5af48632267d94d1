import { cpus } from 'node:os';
import { extname } from 'node:path';
import { OrdoError } from '../../errors.ts';
import type { NumericProfile, Scorer, Tile } from '../../ports/scorer.ts';
import type { Model } from './model.ts';
import type { TileRequest } from './score-worker.ts';
import { type TileShape, tileBytes, tileViews } from './scorer-buffer.ts';
import { RUNTIME } from './session.ts';
import { SessionPool } from './session-pool.ts';
import type { Parcel } from './session-thread.ts';

export interface OnnxScorerOptions {
  /** Worker threads, one session of one thread each; 1 or more. */
  workers: number;
  /** Rows of every tile; 1 or more. */
  tileRows: number;
  provider: 'cpu';
}

/**
 * Opens a model's score graph in worker threads. A tile must stay as it is until its result is there. `close` finishes
 * the tiles that were begun.
 * Errors: MODEL_INVALID where the graph cannot be loaded; those of the port.
 */
export async function openOnnxScorer(model: Model, options: OnnxScorerOptions): Promise<Scorer> {
  const module = new URL(`./score-worker${extname(import.meta.url)}`, import.meta.url);
  const data = { path: model.path('score.onnx') };
  const pool = await SessionPool.open<ArrayBuffer>({ module, data, threads: options.workers });
  return new OnnxScorer(pool, model, options);
}

class OnnxScorer implements Scorer {
  readonly profile: NumericProfile;
  readonly tileRows: number;
  readonly parallelism: number;
  readonly #pool: SessionPool<ArrayBuffer>;
  readonly #positions: number;
  /** Buffers to use again, by their size. */
  readonly #spare = new Map<number, ArrayBuffer[]>();

  constructor(pool: SessionPool<ArrayBuffer>, model: Model, { workers, tileRows, provider }: OnnxScorerOptions) {
    this.profile = numericProfile(model, provider, tileRows);
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

function numericProfile(model: Model, provider: 'cpu', tileRows: number): NumericProfile {
  return {
    modelDigest: model.digestHex,
    precision: 'fp32',
    provider,
    runtime: RUNTIME,
    cpu: `${cpus()[0]?.model ?? 'unknown'} ${process.arch}`,
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
