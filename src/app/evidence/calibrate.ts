import { clusteredDifference, clusteredShare } from '../../domain/bootstrap.ts';
import { summarize } from '../../domain/calibration.ts';
import { cheapestPlan, type LabelledReadings, measure, type Measured, mostLost } from '../../domain/plan-search.ts';
import { replay } from '../../domain/replay.ts';
import type { DecisionRule, FixedPlan, StagedPlan } from '../../domain/types.ts';

/** A share of images with its 95 % interval over tracks. */
export interface Estimate {
  mean: number;
  interval: [number, number];
}

/** A plan beside the whole reading of the same images. */
export interface Comparison {
  images: number;
  tracks: number;
  full: { accuracy: Estimate; rows: number };
  /** `rowEquivalents`: tokens read, in whole rows. `nll`: of the true class at the rule's temperature, nats. */
  staged: { accuracy: Estimate; rows: number; rowEquivalents: number; nll: number; ece: number };
  /** Accuracy of the plan less that of the whole reading, paired by image. */
  difference: Estimate;
}

export interface Calibrated {
  plan: StagedPlan;
  temperature: number;
}

/** The plan that reads all that was recorded: every order, whole, under all classes. */
function fullPlan(images: readonly LabelledReadings[]): FixedPlan {
  const { orders = 1, prefixes = [] } = images[0]?.readings ?? {};
  return { kind: 'fixed', orders, prefix: prefixes.at(-1) ?? 1 };
}

/** Searches for a plan, each at the temperature that suited the one before. */
const SEARCHES = 3;

/**
 * The cheapest plan that loses at most `loss` of the images at its temperature, which is the one that suits it. With
 * uneven priors, or another statistic than the mean log-likelihood, labels and what is pruned depend on the temperature:
 * where the plan loses more at the one that suits it, another is searched for there, and in the end the temperature of
 * the last search stands.
 */
export function calibrate(
  images: readonly LabelledReadings[],
  rule: DecisionRule,
  loss: number,
): Calibrated | undefined {
  let { temperature } = rule;
  for (let search = 1; ; search++) {
    const ruled = { ...rule, temperature };
    const found = cheapestPlan(images, ruled, wholeReading(images, ruled).right, { loss });
    if (!found) return undefined;
    const suiting = { plan: found.plan, temperature: bestTemperature(images, { ...ruled, plan: found.plan }) };
    if (lostBy(images, rule, suiting) <= mostLost(loss, images.length)) return suiting;
    if (search === SEARCHES) return { plan: found.plan, temperature };
    ({ temperature } = suiting);
  }
}

function wholeReading(images: readonly LabelledReadings[], rule: DecisionRule): Measured<FixedPlan> {
  return measure(images, rule, fullPlan(images));
}

/** How many images a plan labels wrong at its temperature that the whole reading labels right there. */
function lostBy(images: readonly LabelledReadings[], rule: DecisionRule, { plan, temperature }: Calibrated): number {
  const ruled = { ...rule, temperature };
  return Math.round(measure(images, ruled, plan, wholeReading(images, ruled).right).lost * images.length);
}

/** Sets the plan beside the whole reading, both at the plan's temperature. */
export function compare(images: readonly LabelledReadings[], rule: DecisionRule, found: Calibrated): Comparison {
  const ruled = { ...rule, temperature: found.temperature };
  const full = wholeReading(images, ruled);
  const staged = measure(images, ruled, found.plan);
  const values = (of: (at: number) => number) => images.map(({ track }, at) => ({ track, value: of(at) }));
  const share = (right: readonly boolean[]): Estimate => clusteredShare(values((at) => Number(right[at])));
  const positions = images[0]?.readings.prefixes.at(-1) ?? 1;
  return {
    images: images.length,
    tracks: new Set(images.map(({ track }) => track)).size,
    full: { accuracy: share(full.right), rows: full.rows },
    staged: {
      accuracy: share(staged.right),
      rows: staged.rows,
      rowEquivalents: staged.tokens / positions,
      ...quality(images, { ...rule, ...found }),
    },
    difference: clusteredDifference(values((at) => Number(staged.right[at]) - Number(full.right[at]))),
  };
}

/** Temperatures that are tried, a tenth apart. */
const TEMPERATURES = Array.from({ length: 31 }, (_, step) => Number((0.5 * 1.1 ** step).toFixed(2)));

/** The temperature under which the true classes are most likely. */
function bestTemperature(images: readonly LabelledReadings[], rule: DecisionRule): number {
  const tried = TEMPERATURES.map((temperature) => ({ temperature, ...quality(images, { ...rule, temperature }) }));
  return tried.toSorted((a, b) => a.nll - b.nll)[0]?.temperature ?? 1;
}

function quality(images: readonly LabelledReadings[], rule: DecisionRule): { nll: number; ece: number } {
  const posteriors = images.map(({ readings, label }) => ({
    posteriors: replay(rule, readings).decision.posteriors,
    label,
  }));
  const { nll, ece } = summarize(posteriors);
  return { nll, ece };
}

/** A point of the curve of accuracy against what is read. */
export interface CurvePoint {
  /** `fixed`: so many orders, whole, under all classes; `staged`: the cheapest plan for a loss on the images of the search. */
  kind: 'fixed' | 'staged';
  orders: number | null;
  loss: number | null;
  accuracy: number;
  rows: number;
  rowEquivalents: number;
}

/** Accuracy on `images` of fixed plans and of the cheapest staged plans found on `searched`, by what they read. */
export function curve(
  searched: readonly LabelledReadings[],
  images: readonly LabelledReadings[],
  rule: DecisionRule,
  losses: readonly number[],
): CurvePoint[] {
  const full = fullPlan(images);
  const point = ({ accuracy, rows, tokens }: Measured) => ({ accuracy, rows, rowEquivalents: tokens / full.prefix });
  const fixed = Array.from({ length: full.orders }, (_, index): CurvePoint => {
    const plan = { ...full, orders: index + 1 };
    return { kind: 'fixed', orders: index + 1, loss: null, ...point(measure(images, rule, plan)) };
  });
  const reference = wholeReading(searched, rule).right;
  // Losses of as many whole images have the same plan.
  const plans = new Map<number, StagedPlan | undefined>();
  const staged = losses.flatMap((loss): CurvePoint[] => {
    const lost = mostLost(loss, searched.length);
    if (!plans.has(lost)) plans.set(lost, cheapestPlan(searched, rule, reference, { loss })?.plan);
    const plan = plans.get(lost);
    return plan ? [{ kind: 'staged', orders: null, loss, ...point(measure(images, rule, plan)) }] : [];
  });
  return [...fixed, ...staged];
}
