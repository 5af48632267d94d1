import { at } from './at.ts';
/** A row waiting to be scored: the round it belongs to, and its index there (order by order, then class by class). */
export interface Row<Owner> {
  owner: Owner;
  index: number;
}

/** Rows of one prefix length that are scored together: 1 to tileRows of them. */
export interface RowTile<Owner> {
  prefix: number;
  rows: readonly Row<Owner>[];
}

/**
 * Packs rows of many rounds into tiles: rows of one prefix length fill tiles in the order in which they came, and no
 * tile mixes prefix lengths. Time is the caller's: it flushes when a row has waited long enough.
 */
export class TilePacker<Owner> {
  readonly #tileRows: number;
  readonly #waiting = new Map<number, Row<Owner>[]>();

  /** `tileRows` is the number of rows of every tile, at least 1. */
  constructor(tileRows: number) {
    this.#tileRows = tileRows;
  }

  /** Rows that wait for their tile to fill. */
  get waiting(): number {
    return [...this.#waiting.values()].reduce((sum, rows) => sum + rows.length, 0);
  }

  /** Adds rows 0 to count - 1 of a round and takes out the tiles that this fills, first to last. */
  add(owner: Owner, prefix: number, count: number): RowTile<Owner>[] {
    const rows = this.#waiting.get(prefix) ?? [];
    for (let index = 0; index < count; index++) rows.push({ owner, index });
    const full = rows.length - (rows.length % this.#tileRows);
    if (full > 0) this.#waiting.delete(prefix);
    if (full < rows.length) this.#waiting.set(prefix, rows.slice(full));
    return Array.from({ length: full / this.#tileRows }, (_, tile) => ({
      prefix,
      rows: rows.slice(tile * this.#tileRows, (tile + 1) * this.#tileRows),
    }));
  }

  /** Takes out what waits, in one tile for each prefix length, the prefix whose rows began to wait first before others. */
  flush(): RowTile<Owner>[] {
    const tiles = [...this.#waiting].map(([prefix, rows]) => ({ prefix, rows }));
    this.#waiting.clear();
    return tiles;
  }
}

/** What the rows of a round are made of: row i reads order floor(i / classes) under class i mod classes. */
export interface RowSource {
  /** N tokens, raster order. */
  tokens: Uint16Array;
  /** One permutation of 0 to N - 1 for each order. */
  orders: readonly Uint16Array[];
  classes: readonly number[];
}

/** A tile as the scorer takes it, row-major; its first rows are the given ones, the others repeat the first of them. */
export interface TileArrays {
  rows: number;
  prefix: number;
  /** [rows, N], raster order. */
  tokens: Int32Array;
  /** [rows, prefix]. */
  orders: Int32Array;
  /** [rows]. */
  classes: Int32Array;
}

/**
 * Writes a tile's rows as arrays of `tileRows` rows. A tile holds at least one row; rows beyond those it holds repeat
 * row 0, so that padding is valid input, and their results are to be ignored. All owners have the same N.
 */
export function fillTile<Owner>(
  tile: RowTile<Owner>,
  tileRows: number,
  sourceOf: (owner: Owner) => RowSource,
): TileArrays {
  const first = at(tile.rows, 0);
  const positions = sourceOf(first.owner).tokens.length;
  const filled = {
    rows: tileRows,
    prefix: tile.prefix,
    tokens: new Int32Array(tileRows * positions),
    orders: new Int32Array(tileRows * tile.prefix),
    classes: new Int32Array(tileRows),
  };
  for (let place = 0; place < tileRows; place++) {
    const { owner, index } = tile.rows[place] ?? first;
    const { tokens, orders, classes } = sourceOf(owner);
    const order = at(orders, Math.floor(index / classes.length));
    filled.tokens.set(tokens, place * positions);
    filled.orders.set(order.subarray(0, tile.prefix), place * tile.prefix);
    filled.classes[place] = at(classes, index % classes.length);
  }
  return filled;
}
