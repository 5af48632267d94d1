/**
 * The Scorer port: a tile of (order x class) rows to log-likelihoods.
 *
 * A row's result depends on that row alone: not on its place in the tile, on the other rows, or on what ran before.
 * Tiles of one prefix length all have the same number of rows (`tileRows`); unused rows are padded by the caller.
 *
 * Errors: SCORER_FAILED (the tile may be tried again).
 */
export interface Scorer {
  /** What the numbers rest on. */
  readonly profile: NumericProfile;
  /** Rows of every tile. */
  readonly tileRows: number;
  /** How many tiles are computed side by side; more than this queue. */
  readonly parallelism: number;

  /** Log-likelihoods in nats, [rows, prefix] row-major: entry (b, i) is log p(token i of row b's order | those before, class). */
  score(tile: Tile): Promise<Float32Array>;

  close(): Promise<void>;
}

export interface Tile {
  rows: number;
  /** Tokens read of each order, T. */
  prefix: number;
  /** [rows, N], raster order. */
  tokens: Int32Array;
  /** [rows, T]: the first T places of each row's permutation. */
  orders: Int32Array;
  /** [rows]. */
  classes: Int32Array;
}

/** What may compute: ONNX Runtime's execution providers by their names there. */
export const PROVIDERS = ['cpu', 'webgpu', 'cuda'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** Within one profile the same row gives the same bits. */
export interface NumericProfile {
  /** SHA-256 of the model's manifest, lower-case hex. */
  modelDigest: string;
  precision: 'fp32' | 'fp16' | 'int8';
  /** SHA-256 of the score graph in hex, where it is another than the manifest names. */
  graph?: string;
  provider: Provider;
  runtime: string;
  cpu: string;
  /** Those of the CPU that arithmetic goes by, where the system tells. */
  instructions?: string;
  /**
   * The models of the machine's accelerators, where it computes on one and the system tells; where they differ, also what
   * tells which one that is.
   */
  device?: string;
  threads: number;
  tileRows: number;
}

/**
 * Rounds to evidence: takes one image's round, packs its rows into tiles beside those of other images, and gives back
 * fixed-point log-likelihoods (units of 2^-12 nat) of the prefix, [orders, classes] row-major.
 *
 * Errors: SCORER_FAILED (passing), SCORER_NOT_FINITE.
 */
export interface RoundScorer {
  readonly profile: NumericProfile;
  scoreRound(request: RoundRequest): Promise<Int32Array>;
}

export interface RoundRequest {
  /** N tokens, raster order. */
  tokens: Uint16Array;
  /** One permutation of 0 to N - 1 for each order. */
  orders: readonly Uint16Array[];
  prefix: number;
  classes: readonly number[];
}
