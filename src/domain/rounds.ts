import { at } from './at.ts';
import { gatherNats } from './evidence.ts';
import { comparable, logPriorsOf, rank, standingOf } from './standing.ts';
import type { DecisionRule, FixedPlan, Round, RoundEvidence, StagedPlan } from './types.ts';

/**
 * The round that the plan asks for after this evidence, or nothing when it is time to decide. `evidence` holds the
 * plan's rounds from the first on. A class whose prior is 0 is never read.
 */
export function nextRound(
  rule: DecisionRule,
  classCount: number,
  evidence: readonly RoundEvidence[],
): Round | undefined {
  const logPriors = logPriorsOf(rule, classCount);
  const last = evidence.at(-1);
  if (!last) return firstRound(rule, logPriors);
  return rule.plan.kind === 'staged' ? nextStage(rule, rule.plan, evidence, last.round, logPriors) : undefined;
}

function firstRound({ plan }: DecisionRule, logPriors: Float64Array): Round {
  const classes = [...logPriors.keys()].filter((classId) => logPriors[classId] !== -Infinity);
  const { orders, prefix } = plan.kind === 'fixed' ? plan : screenAsFixed(plan);
  return { index: 0, firstOrder: 0, orders, prefix, classes };
}

function screenAsFixed({ screen }: StagedPlan): Omit<FixedPlan, 'kind'> {
  return { orders: 1, prefix: screen.prefix };
}

/**
 * A screen at the full prefix counts as a full order. When the screen leaves one class, no full order is read: it
 * could not change the label.
 */
function nextStage(
  rule: DecisionRule,
  plan: StagedPlan,
  evidence: readonly RoundEvidence[],
  last: Round,
  logPriors: Float64Array,
): Round | undefined {
  const full = evidence.filter(({ round }) => round.prefix === plan.prefix);
  const read = full.reduce((sum, { round }) => sum + round.orders, 0);
  if (read >= plan.maxOrders) return undefined;
  const kept = evidence.length === 1 ? screened(rule, plan, evidence, logPriors) : last.classes;
  const classes = full.length > 0 ? withoutTrailing(rule, plan, full, kept, logPriors) : kept;
  if (classes.length < 2) return undefined;
  const orders = Math.min(plan.ordersPerRound, plan.maxOrders - read);
  return { index: last.index + 1, firstOrder: last.firstOrder + last.orders, orders, prefix: plan.prefix, classes };
}

function screened(
  rule: DecisionRule,
  plan: StagedPlan,
  evidence: readonly RoundEvidence[],
  logPriors: Float64Array,
): number[] {
  const classes = evidence[0]?.round.classes ?? [];
  const standing = standingOf(rule, comparable(evidence), classes, logPriors);
  return rank(classes, standing)
    .slice(0, plan.screen.keep)
    .sort((a, b) => a - b);
}

/**
 * The classes whose mean paired margin behind the leader is within the bound, max(errors x standard error, floor /
 * sqrt(orders)). The leader is the best by the rule's statistic. The margin on order k is the leader's log-likelihood
 * less the class's, plus the temperature times the same difference of their log priors: nats before tempering.
 */
function withoutTrailing(
  rule: DecisionRule,
  { bound }: StagedPlan,
  full: readonly RoundEvidence[],
  classes: readonly number[],
  logPriors: Float64Array,
): number[] {
  const leader = at(rank(classes, standingOf(rule, full, classes, logPriors)), 0);
  const rows = gatherNats(full, classes);
  const lead = classes.indexOf(leader);
  return classes.filter((classId, column) => {
    const paired = rows.map((row) => at(row, lead) - at(row, column));
    const prior = at(logPriors, leader) - at(logPriors, classId);
    const margin = mean(paired) + rule.temperature * prior;
    return margin <= Math.max(bound.errors * standardError(paired), bound.floor / Math.sqrt(paired.length));
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard error of the mean, the variance taken with n - 1; 0 for one value, of which nothing can be said. */
function standardError(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}
