import { OrdoError } from '../errors.ts';
import { at } from './at.ts';
import { decide } from './decide.ts';
import { rowLogLikelihood } from './evidence.ts';
import type { Decision, DecisionRule, Round, RoundEvidence } from './types.ts';

/** What an image's tokens are worth in its first orders under every class, at some prefix lengths. */
export interface Readings {
  prefixes: readonly number[];
  orders: number;
  classes: number;
  /** Log-likelihoods in fixed point, [prefixes, orders, classes] row-major. */
  sums: Int32Array;
}

/**
 * The readings that recorded log-likelihoods hold: nats, [orders, classes, positions] row-major, an entry a token of the
 * order. Errors: SCORER_NOT_FINITE.
 */
export function readingsOf(
  perToken: Float32Array,
  { orders, classes, positions }: { orders: number; classes: number; positions: number },
  prefixes: readonly number[],
): Readings {
  const rows = orders * classes;
  const sums = new Int32Array(prefixes.length * rows);
  prefixes.forEach((prefix, place) => {
    for (let row = 0; row < rows; row++) {
      sums[place * rows + row] = rowLogLikelihood(perToken, row * positions, prefix);
    }
  });
  return { prefixes, orders, classes, sums };
}

/** What a rule makes of an image, and what it reads for that. */
export interface Replayed {
  decision: Decision;
  /** What each round asks of the scorer. */
  rounds: { prefix: number; rows: number }[];
  /** Tokens read: rows, each times its prefix length. */
  tokens: number;
}

/**
 * Plays a rule to its decision on recorded readings, as the stages would. A row read to a short prefix is taken to be the
 * beginning of the whole row, which is so up to rounding in the scorer.
 * Errors: INTERNAL where the rule asks for an order or a prefix that was not recorded.
 */
export function replay(rule: DecisionRule, readings: Readings): Replayed {
  const evidence: RoundEvidence[] = [];
  for (;;) {
    const step = decide(rule, readings.classes, evidence);
    if (step.kind === 'decision') return replayed(step.decision, evidence);
    evidence.push(reread(step.round, readings));
  }
}

function reread(round: Round, { prefixes, orders, classes, sums }: Readings): RoundEvidence {
  const place = prefixes.indexOf(round.prefix);
  if (place < 0 || round.firstOrder + round.orders > orders) {
    throw new OrdoError('INTERNAL', `order ${round.firstOrder} at prefix ${round.prefix} was not recorded`);
  }
  const width = round.classes.length;
  const logLikelihoods = Int32Array.from({ length: round.orders * width }, (_, row) => {
    const order = round.firstOrder + Math.floor(row / width);
    return at(sums, (place * orders + order) * classes + at(round.classes, row % width));
  });
  return { round, logLikelihoods };
}

function replayed(decision: Decision, evidence: readonly RoundEvidence[]): Replayed {
  const rounds = evidence.map(({ round: { prefix, orders, classes } }) => ({ prefix, rows: orders * classes.length }));
  return { decision, rounds, tokens: rounds.reduce((sum, { prefix, rows }) => sum + prefix * rows, 0) };
}
