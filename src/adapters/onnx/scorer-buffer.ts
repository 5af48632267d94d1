/** The shape of a tile whose model has `positions` tokens an image. */
export interface TileShape {
  rows: number;
  positions: number;
  prefix: number;
}

/** A tile and the place of its results, as views of one buffer that travels to a worker thread and back. */
export interface TileViews {
  /** [rows, positions] */
  tokens: Int32Array;
  /** [rows, prefix] */
  orders: Int32Array;
  /** [rows] */
  classes: Int32Array;
  /** [rows, prefix] */
  logLikelihoods: Float32Array;
}

const WORD = 4;

/** Bytes of a tile's buffer. */
export function tileBytes({ rows, positions, prefix }: TileShape): number {
  return WORD * rows * (positions + prefix + 1 + prefix);
}

export function tileViews(buffer: ArrayBuffer, { rows, positions, prefix }: TileShape): TileViews {
  const orders = WORD * rows * positions;
  const classes = orders + WORD * rows * prefix;
  const logLikelihoods = classes + WORD * rows;
  return {
    tokens: new Int32Array(buffer, 0, rows * positions),
    orders: new Int32Array(buffer, orders, rows * prefix),
    classes: new Int32Array(buffer, classes, rows),
    logLikelihoods: new Float32Array(buffer, logLikelihoods, rows * prefix),
  };
}
