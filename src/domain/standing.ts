import { at } from './at.ts';
import { gatherNats } from './evidence.ts';
import { marginalize } from './statistics.ts';
import type { DecisionRule, RoundEvidence } from './types.ts';

/** Log prior of each class by id; -Infinity where the prior is 0. */
export function logPriorsOf(rule: DecisionRule, classCount: number): Float64Array {
  return Float64Array.from({ length: classCount }, (_, classId) => Math.log(rule.priors?.[classId] ?? 1 / classCount));
}

/** The rounds that read as far as the last one did: what classes may be compared on, prefixes never being mixed. */
export function comparable(evidence: readonly RoundEvidence[]): RoundEvidence[] {
  const prefix = evidence.at(-1)?.round.prefix;
  return evidence.filter(({ round }) => round.prefix === prefix);
}

/**
 * Where classes stand on rounds that all of them were read in: log prior plus the rule's statistic of the
 * log-likelihood at `temperature`, nats, aligned with `classes`. Posteriors over these classes are its softmax.
 */
export function standingOf(
  rule: DecisionRule,
  rounds: readonly RoundEvidence[],
  classes: readonly number[],
  logPriors: Float64Array,
  temperature: number = rule.temperature,
): Float64Array {
  const priors = Float64Array.from(classes, (classId) => at(logPriors, classId));
  const { scores } = marginalize(rule.statistic, gatherNats(rounds, classes), priors, temperature);
  return scores.map((score, column) => score + at(priors, column));
}

/** Classes best first; of equals the lower id first. `standing` is aligned with `classes`. */
export function rank(classes: readonly number[], standing: Float64Array): number[] {
  const columns = classes.map((_, column) => column);
  columns.sort((a, b) => at(standing, b) - at(standing, a) || a - b);
  return columns.map((column) => at(classes, column));
}
