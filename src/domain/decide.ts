import { at } from './at.ts';
import { gatherNats } from './evidence.ts';
import { nextRound } from './rounds.ts';
import { comparable, logPriorsOf, rank, standingOf } from './standing.ts';
import { logSumExp, softmax } from './statistics.ts';
import type { Decision, DecisionRule, Round, RoundEvidence, Step } from './types.ts';

/**
 * What to do with an image next: read the round that the plan asks for, or decide. A pure function of the rule and of
 * complete rounds that follow its plan (`followsPlan`); the rule passes `checkRule`.
 *
 * In a decision, the classes of the last round (the survivors) stand by the rule's statistic over the orders read as
 * far as that round read. A class dropped earlier keeps its distance to the label on the last evidence that both have
 * in common at one prefix length: the rounds up to the one after which it was dropped that read as far as that one. It
 * never stands above the survivors: what would put it there is evidence that they have overcome since, so it is held
 * down to the lowest of them, and ranks behind them at a tie. Otherwise equals rank by class id, the lower first.
 * Posteriors and the margin are at the rule's temperature; log-likelihood and log evidence at temperature 1, so that
 * calibration does not move them. A class of prior 0 is never read and has posterior 0.
 */
export function decide(rule: DecisionRule, classCount: number, evidence: readonly RoundEvidence[]): Step {
  const round = nextRound(rule, classCount, evidence);
  return round ? { kind: 'round', round } : { kind: 'decision', decision: decisionOf(rule, classCount, evidence) };
}

/**
 * Whether each round of the evidence is the one that the plan asks for after the rounds before it. It is not when the
 * plan was changed while the image was on its way. `evidence` has passed `checkEvidence`.
 */
export function followsPlan(rule: DecisionRule, classCount: number, evidence: readonly RoundEvidence[]): boolean {
  return evidence.every(({ round }, index) => {
    const expected = nextRound(rule, classCount, evidence.slice(0, index));
    return expected !== undefined && sameRound(expected, round);
  });
}

function sameRound(a: Round, b: Round): boolean {
  const scalars =
    a.index === b.index && a.firstOrder === b.firstOrder && a.orders === b.orders && a.prefix === b.prefix;
  return scalars && a.classes.length === b.classes.length && a.classes.every((classId, i) => classId === b.classes[i]);
}

function decisionOf(rule: DecisionRule, classCount: number, evidence: readonly RoundEvidence[]): Decision {
  const logPriors = logPriorsOf(rule, classCount);
  const ranked = rankedSurvivors(rule, evidence, logPriors);
  const survivors = evidence.at(-1)?.round.classes ?? [];
  const label = at(ranked, 0);
  const standing = standingOfAll(rule, evidence, logPriors, label, rule.temperature);
  const untempered = standingOfAll(rule, evidence, logPriors, label, 1);
  const posteriors = softmax(standing);
  const order = [...ranked, ...droppedRanked(evidence, survivors, standing)];
  const rounds = evidence.map(({ round }) => round);
  return {
    classId: label,
    posterior: at(posteriors, label),
    top: order.slice(0, rule.top).map((classId) => ({ classId, posterior: at(posteriors, classId) })),
    margin: marginOf(standing, order),
    logLikelihood: at(untempered, label) - at(logPriors, label),
    prefix: at(rounds, rounds.length - 1).prefix,
    logEvidence: logSumExp(untempered),
    disagreement: disagreement(rule, comparable(evidence), logPriors, label),
    orders: total(rounds, (round) => round.orders),
    rows: total(rounds, (round) => round.orders * round.classes.length),
    rounds: rounds.length,
    pruned: order.length - ranked.length,
    posteriors,
  };
}

/** The label that `decide` gives once a plan has ended, without all else that a decision says. */
export function labelOf(rule: DecisionRule, classCount: number, evidence: readonly RoundEvidence[]): number {
  return at(rankedSurvivors(rule, evidence, logPriorsOf(rule, classCount)), 0);
}

/** The classes of the last round, best first. */
function rankedSurvivors(rule: DecisionRule, evidence: readonly RoundEvidence[], logPriors: Float64Array): number[] {
  const survivors = evidence.at(-1)?.round.classes ?? [];
  return rank(survivors, standingOf(rule, comparable(evidence), survivors, logPriors));
}

/** Where every class stands, by class id, as `decide` says; -Infinity for those never read. */
function standingOfAll(
  rule: DecisionRule,
  evidence: readonly RoundEvidence[],
  logPriors: Float64Array,
  label: number,
  temperature: number,
): Float64Array {
  const all = new Float64Array(logPriors.length).fill(-Infinity);
  const standOn = (rounds: readonly RoundEvidence[], classes: readonly number[]) =>
    standingOf(rule, comparable(rounds), classes, logPriors, temperature);
  const survivors = evidence.at(-1)?.round.classes ?? [];
  const standing = standOn(evidence, survivors);
  survivors.forEach((classId, column) => (all[classId] = at(standing, column)));
  const lowest = Math.min(...standing);
  for (let last = evidence.length - 2; last >= 0; last--) {
    const { classes } = at(evidence, last).round;
    if (classes.every((classId) => all[classId] !== -Infinity)) continue;
    const then = standOn(evidence.slice(0, last + 1), classes);
    const ahead = at(then, classes.indexOf(label));
    classes.forEach((classId, column) => {
      if (all[classId] !== -Infinity) return;
      all[classId] = Math.min(at(all, label) - (ahead - at(then, column)), lowest);
    });
  }
  return all;
}

function droppedRanked(
  evidence: readonly RoundEvidence[],
  survivors: readonly number[],
  standing: Float64Array,
): number[] {
  const standingSet = new Set(survivors);
  const dropped = (evidence[0]?.round.classes ?? []).filter((classId) => !standingSet.has(classId));
  return rank(
    dropped,
    Float64Array.from(dropped, (classId) => at(standing, classId)),
  );
}

/** Log odds of the first class over the second, nats; infinite if there is no second. */
function marginOf(standing: Float64Array, order: readonly number[]): number {
  return order.length < 2 ? Infinity : at(standing, at(order, 0)) - at(standing, at(order, 1));
}

/** The share of the rounds' orders of which each, on its own, would name another class of those it was read for. */
function disagreement(
  rule: DecisionRule,
  rounds: readonly RoundEvidence[],
  logPriors: Float64Array,
  label: number,
): number {
  const named = rounds.flatMap((entry) => {
    const { classes } = entry.round;
    return gatherNats([entry], classes).map((row) => {
      const standing = row.map((nats, i) => nats / rule.temperature + at(logPriors, at(classes, i)));
      return rank(classes, standing)[0];
    });
  });
  return named.filter((classId) => classId !== label).length / named.length;
}

function total(rounds: readonly Round[], count: (round: Round) => number): number {
  return rounds.reduce((sum, round) => sum + count(round), 0);
}
