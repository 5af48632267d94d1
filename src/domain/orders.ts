import { OrdoError } from '../errors.ts';
import { at } from './at.ts';
import { sha256 } from './digest.ts';
import type { Round } from './types.ts';

const TAG = new TextEncoder().encode('ordo-order-v1\0');
const DIGEST_BYTES = 32;
const WORDS = 2 ** 32;

/**
 * Permutation `k` of an image's `positions` places: a Fisher-Yates shuffle that draws from SHA-256 in counter mode,
 * without modulo bias. docs/model-format.md, "Orders", says it byte by byte; other languages get the same.
 *
 * `modelDigest` and `imageDigest` are 32 bytes each, 0 <= k < 2^32, 1 <= positions <= 65536.
 * Errors: INTERNAL for arguments outside these.
 */
export function orderOf(modelDigest: Uint8Array, imageDigest: Uint8Array, k: number, positions: number): Uint16Array {
  checkArguments(modelDigest, imageDigest, k, positions);
  const words = wordStream(seedOf(modelDigest, imageDigest, k));
  const order = Uint16Array.from({ length: positions }, (_, place) => place);
  for (let i = positions - 1; i > 0; i--) {
    const j = below(i + 1, words);
    const kept = at(order, i);
    order[i] = at(order, j);
    order[j] = kept;
  }
  return order;
}

function seedOf(modelDigest: Uint8Array, imageDigest: Uint8Array, k: number): Uint8Array {
  const material = new Uint8Array(TAG.length + 2 * DIGEST_BYTES + 4);
  material.set(TAG);
  material.set(modelDigest, TAG.length);
  material.set(imageDigest, TAG.length + DIGEST_BYTES);
  new DataView(material.buffer).setUint32(TAG.length + 2 * DIGEST_BYTES, k);
  return sha256(material);
}

/** Yields SHA-256(seed || i) for i = 0, 1, ... as 32-bit words, big-endian. */
function wordStream(seed: Uint8Array): () => number {
  const material = new Uint8Array(DIGEST_BYTES + 4);
  material.set(seed);
  let blocks = 0;
  let offset = DIGEST_BYTES;
  let block: DataView = new DataView(material.buffer);
  return () => {
    if (offset === DIGEST_BYTES) {
      new DataView(material.buffer).setUint32(DIGEST_BYTES, blocks++);
      const digest = sha256(material);
      block = new DataView(digest.buffer, digest.byteOffset, DIGEST_BYTES);
      offset = 0;
    }
    offset += 4;
    return block.getUint32(offset - 4);
  };
}

/** A uniform draw from 0 to n - 1, by rejection. */
function below(n: number, words: () => number): number {
  const limit = Math.floor(WORDS / n) * n;
  let word = words();
  while (word >= limit) word = words();
  return word % n;
}

function checkArguments(modelDigest: Uint8Array, imageDigest: Uint8Array, k: number, positions: number): void {
  const digests = modelDigest.length === DIGEST_BYTES && imageDigest.length === DIGEST_BYTES;
  const wholeK = Number.isInteger(k) && k >= 0 && k < WORDS;
  const wholePositions = Number.isInteger(positions) && positions >= 1 && positions <= 65_536;
  if (digests && wholeK && wholePositions) return;
  throw new OrdoError(
    'INTERNAL',
    `no order ${k} of ${positions} places for digests of ${modelDigest.length} and ${imageDigest.length} bytes`,
  );
}

/** The permutations that a round reads, in order of k. */
export function ordersOf(
  modelDigest: Uint8Array,
  imageDigest: Uint8Array,
  { firstOrder, orders }: Pick<Round, 'firstOrder' | 'orders'>,
  positions: number,
): Uint16Array[] {
  return Array.from({ length: orders }, (_, k) => orderOf(modelDigest, imageDigest, firstOrder + k, positions));
}
