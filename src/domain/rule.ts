import { MAX_ORDERS } from './evidence.ts';
import { FEWEST_PROPOSED } from './proposal.ts';
import type { DecisionRule, Plan, Propose, Screen, StagedPlan } from './types.ts';

/** What a rule must fit: how many classes the model has, and how many tokens an image. */
export interface RuleShapes {
  classes: number;
  positions: number;
}

const PRIOR_TOLERANCE = 1e-6;
const TEMPERATURES = { min: 1e-3, max: 1e3 };

/** What keeps the rule from being used with the model, one entry a problem: a field, and what is wrong; none if it fits. */
export function checkRule(rule: DecisionRule, { classes, positions }: RuleShapes): string[] {
  const { min, max } = TEMPERATURES;
  return [
    ...unless(rule.temperature >= min && rule.temperature <= max, `temperature must be from ${min} to ${max}`),
    ...whole('top', rule.top),
    ...priorProblems(rule.priors, classes),
    ...planProblems(rule.plan, positions),
  ];
}

function priorProblems(priors: readonly number[] | undefined, classes: number): string[] {
  if (!priors) return unless(classes >= 2, `plan needs a model of at least 2 classes, it has ${classes}`);
  const sum = priors.reduce((total, prior) => total + prior, 0);
  const valid = priors.every((prior) => Number.isFinite(prior) && prior >= 0);
  return [
    ...unless(priors.length === classes, `priors must have ${classes} entries, one a class, not ${priors.length}`),
    ...unless(valid, 'priors must be finite numbers of at least 0'),
    ...unless(!valid || Math.abs(sum - 1) <= PRIOR_TOLERANCE, `priors must sum to 1, they sum to ${sum}`),
    ...unless(
      !valid || priors.filter((prior) => prior > 0).length >= 2,
      'priors must be above 0 for at least 2 classes',
    ),
  ];
}

function planProblems(plan: Plan, positions: number): string[] {
  const common = whole('plan.prefix', plan.prefix, positions);
  if (plan.kind === 'fixed') return [...common, ...whole('plan.orders', plan.orders, MAX_ORDERS)];
  return [...common, ...stagedProblems(plan)];
}

function stagedProblems(plan: StagedPlan): string[] {
  const { propose, screens, bound } = plan;
  return [
    ...(propose ? proposeProblems(propose) : []),
    ...screens.flatMap((screen, index) => screenProblems(`plan.screens.${index}`, screen, screens[index + 1], plan)),
    ...whole('plan.maxOrders', plan.maxOrders, MAX_ORDERS),
    ...whole('plan.ordersPerRound', plan.ordersPerRound, MAX_ORDERS),
    ...unless(
      bound.errors >= 0 && Number.isFinite(bound.errors),
      'plan.bound.errors must be a finite number of at least 0',
    ),
    ...unless(bound.floor >= 0, 'plan.bound.floor must be a number of at least 0'),
  ];
}

function proposeProblems({ keep, within = Infinity }: Propose): string[] {
  const enough = Number.isInteger(keep) && keep >= FEWEST_PROPOSED;
  return [
    ...unless(enough, `plan.propose.keep must be a whole number of at least ${FEWEST_PROPOSED}, it is ${keep}`),
    ...unless(within >= 0, 'plan.propose.within must be a number of at least 0'),
  ];
}

function screenProblems(name: string, screen: Screen, next: Screen | undefined, plan: StagedPlan): string[] {
  const { prefix, keep, within = Infinity } = screen;
  const most = next ? next.prefix : plan.prefix;
  const whose = next ? "the next screen's" : 'plan.prefix';
  return [
    ...whole(`${name}.prefix`, prefix),
    ...unless(prefix <= most, `${name}.prefix must be at most ${whose} (${most}), it is ${prefix}`),
    ...whole(`${name}.keep`, keep),
    ...unless(within >= 0, `${name}.within must be a number of at least 0`),
  ];
}

function whole(name: string, value: number, max = Number.MAX_SAFE_INTEGER): string[] {
  const range = max === Number.MAX_SAFE_INTEGER ? 'of at least 1' : `from 1 to ${max}`;
  return unless(
    Number.isInteger(value) && value >= 1 && value <= max,
    `${name} must be a whole number ${range}, it is ${value}`,
  );
}

function unless(holds: boolean, problem: string): string[] {
  return holds ? [] : [problem];
}
