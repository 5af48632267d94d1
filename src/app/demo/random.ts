import { createHash } from 'node:crypto';

/** Random numbers that follow from a seed. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** A whole number of 0 to n - 1. */
  below(n: number): number;
  /** Standard normal. */
  normal(): number;
  /** One of the items, all as likely. */
  pick<T>(items: readonly [T, ...T[]]): T;
}

/** Random numbers for whatever the parts name: the same parts, the same numbers. */
export function randomOf(...parts: (string | number)[]): Random {
  let state = createHash('sha256').update(JSON.stringify(parts)).digest().readUInt32LE();

  /** mulberry32 (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c). */
  function next(): number {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  const below = (n: number) => Math.floor(next() * n);
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    below,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    pick: (items) => items[below(items.length)] ?? items[0],
  };
}
