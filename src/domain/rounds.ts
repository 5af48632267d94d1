import { at } from './at.ts';
import { gatherNats } from './evidence.ts';
import { comparable, logPriorsOf, rank, standingOf } from './standing.ts';
import type { DecisionRule, Plan, Round, RoundEvidence, Screen, StagedPlan } from './types.ts';

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

/** The prefix lengths that a plan reads, ascending. */
export function prefixesOf(plan: Plan): number[] {
  const screens = plan.kind === 'staged' ? plan.screens : [];
  return [...new Set([...screens.map(({ prefix }) => prefix), plan.prefix])].toSorted((a, b) => a - b);
}

function firstRound({ plan }: DecisionRule, logPriors: Float64Array): Round {
  const classes = [...logPriors.keys()].filter((classId) => logPriors[classId] !== -Infinity);
  const [screen] = plan.kind === 'staged' ? plan.screens : [];
  const { prefix } = screen ?? plan;
  return { index: 0, firstOrder: 0, orders: screen ? 1 : firstOrders(plan), prefix, classes };
}

/** Orders of a first round that is no screen. */
function firstOrders(plan: Plan): number {
  return plan.kind === 'fixed' ? plan.orders : Math.min(plan.ordersPerRound, plan.maxOrders);
}

/** When the screens leave one class, no more is read: it could not change the label. */
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
  const screen = plan.screens[evidence.length - 1];
  const kept = screen ? screened(rule, screen, evidence, logPriors) : last.classes;
  const classes = full.length > 0 ? withoutTrailing(rule, plan, full, kept, logPriors) : kept;
  if (classes.length < 2) return undefined;
  const next = plan.screens[evidence.length];
  const orders = next ? 1 : Math.min(plan.ordersPerRound, plan.maxOrders - read);
  const { prefix } = next ?? plan;
  return { index: last.index + 1, firstOrder: last.firstOrder + last.orders, orders, prefix, classes };
}

/** The classes that survive a screen. */
function screened(
  rule: DecisionRule,
  { keep, within = Infinity }: Screen,
  evidence: readonly RoundEvidence[],
  logPriors: Float64Array,
): number[] {
  const rounds = comparable(evidence);
  const { classes } = at(evidence, evidence.length - 1).round;
  const best = rank(classes, standingOf(rule, rounds, classes, logPriors)).slice(0, keep);
  const near = trailing(rule, rounds, best, logPriors).filter(({ paired, prior }) => mean(paired) + prior <= within);
  return near.map(({ classId }) => classId).sort((a, b) => a - b);
}

/** The classes whose mean paired margin behind the leader is within the bound, max(errors x standard error, floor / sqrt(orders)). */
function withoutTrailing(
  rule: DecisionRule,
  { bound }: StagedPlan,
  full: readonly RoundEvidence[],
  classes: readonly number[],
  logPriors: Float64Array,
): number[] {
  const standing = trailing(rule, full, classes, logPriors).filter(({ paired, prior }) => {
    const most = Math.max(bound.errors * standardError(paired), bound.floor / Math.sqrt(paired.length));
    return mean(paired) + prior <= most;
  });
  return standing.map(({ classId }) => classId);
}

interface Trailing {
  classId: number;
  /** The leader's log-likelihood less the class's on each order, nats before tempering. */
  paired: number[];
  /** The same difference of their log priors, times the temperature: as many nats as it is worth. */
  prior: number;
}

/** How far classes are behind the leader, who is the best by the rule's statistic; in the order of `classes`. */
function trailing(
  rule: DecisionRule,
  rounds: readonly RoundEvidence[],
  classes: readonly number[],
  logPriors: Float64Array,
): Trailing[] {
  const leader = at(rank(classes, standingOf(rule, rounds, classes, logPriors)), 0);
  const rows = gatherNats(rounds, classes);
  const lead = classes.indexOf(leader);
  return classes.map((classId, column) => ({
    classId,
    paired: rows.map((row) => at(row, lead) - at(row, column)),
    prior: rule.temperature * (at(logPriors, leader) - at(logPriors, classId)),
  }));
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
