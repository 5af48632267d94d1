import { at } from '../../domain/at.ts';
import { uniform } from '../../domain/random.ts';
import { OrdoError } from '../../errors.ts';
import type { Scorer, Tile } from '../../ports/scorer.ts';
import type { Manifest } from './manifest.ts';
import { shuffled } from './paint-random.ts';

/** Largest difference to the CPU that a provider may show in a token, nats: what docs/model-format.md allows implementations. */
const PARITY_NATS = 0.001;

/**
 * Lets a scorer and one on the CPU score the same tiles, one of random rows at each prefix length of the model.
 * Error: SCORER_PARITY where they differ in a token by more than PARITY_NATS, or by no number at all.
 */
export async function requireParity(scorer: Scorer, reference: Scorer, manifest: Manifest): Promise<void> {
  for (const prefix of manifest.prefixes) {
    const tile = randomTile(manifest, scorer.tileRows, prefix);
    const [found, expected] = await Promise.all([scorer.score(tile), reference.score(tile)]);
    const worst = largestDifference(found, expected);
    if (worst <= PARITY_NATS) continue;
    const { provider } = scorer.profile;
    throw new OrdoError(
      'SCORER_PARITY',
      `${provider} is ${worst} nats off the CPU at prefix ${prefix}, ${PARITY_NATS} are allowed: it cannot be trusted here`,
    );
  }
}

/** A tile of rows with random tokens, orders and classes; the same each time. */
export function randomTile({ tokens, classes }: Manifest, rows: number, prefix: number): Tile {
  const random = uniform(prefix);
  const below = (n: number) => Math.floor(random() * n);
  const { positions, codes } = tokens;
  const orders = Array.from({ length: rows }, () => shuffled(positions, random).subarray(0, prefix));
  return {
    rows,
    prefix,
    tokens: Int32Array.from({ length: rows * positions }, () => below(codes)),
    orders: Int32Array.from(orders.flatMap((order) => [...order])),
    classes: Int32Array.from({ length: rows }, () => below(classes.length)),
  };
}

/** Infinity where one of them is no number. */
function largestDifference(found: Float32Array, expected: Float32Array): number {
  return found.reduce((worst, value, place) => {
    const difference = Math.abs(value - at(expected, place));
    return difference >= 0 ? Math.max(worst, difference) : Infinity;
  }, 0);
}
