import type { RoundRequest, Tile } from '../../src/ports/scorer.ts';
import type { Setup } from './contender.ts';

/** A full tile of random rows. */
export function randomTile({ model, tileRows, prefix }: Setup): Tile {
  const { tokens, classes } = model.manifest;
  const orders = Array.from({ length: tileRows }, () => [...randomOrder(tokens.positions).subarray(0, prefix)]);
  return {
    rows: tileRows,
    prefix,
    tokens: Int32Array.from({ length: tileRows * tokens.positions }, () => below(tokens.codes)),
    orders: Int32Array.from(orders.flat()),
    classes: Int32Array.from({ length: tileRows }, () => below(classes.length)),
  };
}

/** A round of one random order over all classes. */
export function randomRound({ model, prefix }: Setup): RoundRequest {
  const { tokens, classes } = model.manifest;
  return {
    tokens: Uint16Array.from({ length: tokens.positions }, () => below(tokens.codes)),
    orders: [randomOrder(tokens.positions)],
    prefix,
    classes: classes.map((_, id) => id),
  };
}

function randomOrder(positions: number): Uint16Array {
  const keys = Array.from({ length: positions }, Math.random);
  return Uint16Array.from(keys.keys()).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
}

function below(limit: number): number {
  return Math.floor(Math.random() * limit);
}
