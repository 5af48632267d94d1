import { at } from './at.ts';
import { toNats } from './evidence.ts';
import { logPriorsOf, rank } from './standing.ts';
import type { DecisionRule, Propose } from './types.ts';

/** Fewest classes that a proposer leaves: the label is for the model's own evidence to give. */
export const FEWEST_PROPOSED = 2;

/**
 * The rule for one image: classes that the plan's proposer rules out have prior 0, so that they are never read; the priors
 * of the others stay as they are. `proposal` is the proposer's log-posterior of each class in units of 2^-12 nat; without
 * one, or without a plan that asks for one, the rule stays as it is.
 */
export function withProposal(rule: DecisionRule, classCount: number, proposal: ArrayLike<number>): DecisionRule {
  const propose = rule.plan.kind === 'staged' ? rule.plan.propose : undefined;
  if (!propose || proposal.length === 0) return rule;
  const left = new Set(proposed(rule, propose, classCount, proposal));
  const even = 1 / classCount;
  const priors = Array.from({ length: classCount }, (_, classId) =>
    left.has(classId) ? (rule.priors?.[classId] ?? even) : 0,
  );
  return { ...rule, priors };
}

/** How many classes the rule for an image rules out that the pipeline's does not. */
export function ruledOut(rule: DecisionRule, forImage: DecisionRule): number {
  const never = ({ priors = [] }: DecisionRule) => priors.filter((prior) => prior === 0).length;
  return never(forImage) - never(rule);
}

/** The classes that are left, best first: at most `keep`, those within reach of the best, and never fewer than two. */
function proposed(
  rule: DecisionRule,
  { keep, within = Infinity }: Propose,
  classCount: number,
  proposal: ArrayLike<number>,
): number[] {
  const logPriors = logPriorsOf(rule, classCount);
  const possible = [...logPriors.keys()].filter((classId) => logPriors[classId] !== -Infinity);
  const scores = Float64Array.from(possible, (classId) => toNats(at(proposal, classId)));
  const best = Math.max(...scores);
  const ranked = rank(possible, scores);
  return ranked.filter(
    (classId, place) => place < FEWEST_PROPOSED || (place < keep && best - toNats(at(proposal, classId)) <= within),
  );
}
