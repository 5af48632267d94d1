import { OrdoError } from '../errors.ts';
import { at } from './at.ts';
import { decide, labelOf } from './decide.ts';
import { rowLogLikelihood } from './evidence.ts';
import { withProposal } from './proposal.ts';
import { nextRound } from './rounds.ts';
import type { Decision, DecisionRule, Round, RoundEvidence } from './types.ts';

/** What an image's tokens are worth in its first orders under every class, at some prefix lengths. */
export interface Readings {
  prefixes: readonly number[];
  orders: number;
  classes: number;
  /** Log-likelihoods in fixed point, [prefixes, orders, classes] row-major. */
  sums: Int32Array;
  /** The proposer's log-posterior of each class in units of 2^-12 nat; absent or empty: there is none. */
  proposal?: Int32Array;
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
}

/**
 * Plays a rule to its decision on recorded readings, as the stages would. A row read to a short prefix is taken to be the
 * beginning of the whole row, which is so up to rounding in the scorer.
 * Errors: INTERNAL where the rule asks for an order or a prefix that was not recorded.
 */
export function replay(given: DecisionRule, readings: Readings): Replayed {
  const rule = withProposal(given, readings.classes, readings.proposal ?? []);
  const evidence = play(rule, readings);
  const step = decide(rule, readings.classes, evidence);
  if (step.kind !== 'decision') throw new OrdoError('INTERNAL', 'the plan has not ended');
  const rounds = evidence.map(({ round: { prefix, orders, classes } }) => ({ prefix, rows: orders * classes.length }));
  return { decision: step.decision, rounds };
}

/** What `replay` says of the label and the cost, and no more: several times as fast. */
export function replayLabel(given: DecisionRule, readings: Readings): { label: number; rows: number; tokens: number } {
  const rule = withProposal(given, readings.classes, readings.proposal ?? []);
  const evidence = play(rule, readings);
  let [rows, tokens] = [0, 0];
  for (const { round } of evidence) {
    rows += round.orders * round.classes.length;
    tokens += round.orders * round.classes.length * round.prefix;
  }
  return { label: labelOf(rule, readings.classes, evidence), rows, tokens };
}

function play(rule: DecisionRule, readings: Readings): RoundEvidence[] {
  const evidence: RoundEvidence[] = [];
  for (;;) {
    const round = nextRound(rule, readings.classes, evidence);
    if (!round) return evidence;
    evidence.push(reread(round, readings));
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
