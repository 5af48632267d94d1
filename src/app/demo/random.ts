import { createHash } from 'node:crypto';
import { uniform } from '../../domain/random.ts';

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
  const next = uniform(createHash('sha256').update(JSON.stringify(parts)).digest().readUInt32LE());
  const below = (n: number) => Math.floor(next() * n);
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    below,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    pick: (items) => items[below(items.length)] ?? items[0],
  };
}
