import { withProposal } from './proposal.ts';
import { type Readings, replayLabel } from './replay.ts';
import type { DecisionRule, Plan, Propose, StagedPlan } from './types.ts';

/** A recorded image and the class it truly is. */
export interface LabelledReadings {
  readings: Readings;
  label: number;
  track: string;
}

/** What a plan does to a set of images. */
export interface Measured<P extends Plan = Plan> {
  plan: P;
  /** Share of the images that it labels right. */
  accuracy: number;
  /** Share of the images that it labels wrong though the reference labels them right. */
  lost: number;
  /** Rows an image, mean. */
  rows: number;
  /** Tokens read an image (rows, each times its prefix length), mean: what scoring costs. */
  tokens: number;
  /** Whether each image is labelled right, in their order. */
  right: boolean[];
}

export interface SearchOptions {
  /** Largest share of the images that may be lost. */
  loss: number;
  /** Told of each plan that is tried. */
  onTried?: (plan: StagedPlan) => void;
}

/** How all images fare under a plan; `reference` tells which of them count as lost where they are labelled wrong. */
export function measure<P extends Plan>(
  images: readonly LabelledReadings[],
  rule: DecisionRule,
  plan: P,
  reference: readonly boolean[] = [],
): Measured<P> {
  const found = images.map(({ readings }) => replayLabel({ ...rule, plan }, readings));
  const right = found.map(({ label }, at) => label === images[at]?.label);
  const mean = (of: (at: number) => number) => found.reduce((sum, _, at) => sum + of(at), 0) / found.length;
  return {
    plan,
    accuracy: mean((at) => Number(right[at])),
    lost: mean((at) => Number(!right[at] && reference[at] === true)),
    rows: mean((at) => found[at]?.rows ?? 0),
    tokens: mean((at) => found[at]?.tokens ?? 0),
    right,
  };
}

/** What a plan may cost, and lose, to be of any use. */
interface Limits {
  /** Images. */
  lost: number;
  /** Tokens of all images. */
  tokens: number;
}

/** A plan that stays within its limits, with what it costs on all images. */
interface Found extends Limits {
  plan: StagedPlan;
}

/**
 * The cheapest staged plan that loses few enough of the images that the reference labels right: from the most careful
 * plan of each pair of prefix lengths, one setting at a time is changed to whatever costs least, until nothing helps. It
 * is a local search: a cheaper plan may exist.
 */
export function cheapestPlan(
  images: readonly LabelledReadings[],
  rule: DecisionRule,
  reference: readonly boolean[],
  { loss, onTried }: SearchOptions,
): Measured<StagedPlan> | undefined {
  const bounds = boundsOf(images);
  const lost = mostLost(loss, images.length);
  const look = (plan: StagedPlan, tokens: number): Found | undefined => {
    onTried?.(plan);
    return measured(images, rule, plan, reference, { lost, tokens });
  };
  let best: Found | undefined;
  for (const start of startingPlans(bounds)) {
    const end = descend(look(start, Infinity), bounds, look);
    if (end && end.tokens < (best?.tokens ?? Infinity)) best = end;
  }
  return best && measure(images, rule, best.plan, reference);
}

/** Whole images that a share of them allows to lose. */
export function mostLost(share: number, images: number): number {
  return Math.floor(share * images + 1e-9);
}

/** What a plan costs and loses; undefined as soon as it exceeds a limit. */
function measured(
  images: readonly LabelledReadings[],
  rule: DecisionRule,
  plan: StagedPlan,
  reference: readonly boolean[],
  limits: Limits,
): Found | undefined {
  const ruled = { ...rule, plan };
  if (ruledOut(images, ruled) > MOST_RULED_OUT * images.length) return undefined;
  const found = { plan, lost: 0, tokens: 0 };
  for (const [at, { readings, label }] of images.entries()) {
    const replayed = replayLabel(ruled, readings);
    found.tokens += replayed.tokens;
    if (reference[at] && replayed.label !== label) found.lost += 1;
    if (found.lost > limits.lost || found.tokens > limits.tokens) return undefined;
  }
  return found;
}

/** Largest share of the images whose true class a proposer may rule out: it narrows, and does not decide. */
const MOST_RULED_OUT = 0.001;

/** How many images have a class that is never read for them. */
function ruledOut(images: readonly LabelledReadings[], rule: DecisionRule): number {
  return images.filter(({ readings: { classes, proposal = [] }, label }) => {
    const { priors } = withProposal(rule, classes, proposal);
    return priors?.[label] === 0 && rule.priors?.[label] !== 0;
  }).length;
}

/** What was recorded bounds what a plan can ask for. */
interface Bounds {
  prefixes: readonly number[];
  orders: number;
  classes: number;
  /** Whether a proposer spoke of every image. */
  proposed: boolean;
}

function boundsOf(images: readonly LabelledReadings[]): Bounds {
  const { prefixes = [], orders = 0, classes = 0 } = images[0]?.readings ?? {};
  const proposed = images.every(({ readings: { proposal = [] } }) => proposal.length > 0);
  return { prefixes, orders, classes, proposed };
}

/** Changes one setting at a time to what costs least, while that is less. */
function descend(
  from: Found | undefined,
  bounds: Bounds,
  look: (plan: StagedPlan, tokens: number) => Found | undefined,
): Found | undefined {
  let best = from;
  for (let next = best; next; ) {
    best = next;
    next = undefined;
    for (const plan of neighbours(best.plan, bounds)) {
      next = look(plan, (next ?? best).tokens - 1) ?? next;
    }
  }
  return best;
}

const PROPOSED = [2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32];
const PROPOSED_WITHIN = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12];
const KEEP = [2, 3, 4, 6, 8, 12, 16, 24, 32];
const WITHIN = [2, 3, 4, 6, 8, 12, 16, 24];
const ORDERS = [1, 2, 3, 4, 6, 8, 12, 16, 20, 32];
const ERRORS = [0, 1, 1.5, 2, 2.5, 3, 4];
const FLOORS = [0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16];

function startingPlans(bounds: Bounds): StagedPlan[] {
  const { prefixes, orders, classes, proposed } = bounds;
  const pairs = prefixes.flatMap((first) => prefixes.filter((last) => last >= first).map((last) => ({ first, last })));
  const screened = pairs.map(
    ({ first, last }): StagedPlan => ({
      kind: 'staged',
      screens: [{ prefix: first, keep: classes }],
      prefix: last,
      maxOrders: first === last ? orders : orders - 1,
      ordersPerRound: 1,
      bound: { errors: 4, floor: 16 },
    }),
  );
  const found = screened.filter((plan) => readable(plan, bounds));
  return proposed ? [...found, ...found.map((plan) => ({ ...plan, propose: { keep: classes } }))] : found;
}

/** The plans that differ in one setting, as far as they can be read. */
function neighbours(plan: StagedPlan, bounds: Bounds): StagedPlan[] {
  const orders = [...ORDERS.filter((count) => count < bounds.orders), bounds.orders];
  const found: StagedPlan[] = [
    ...(plan.propose ? proposalsNear(plan.propose).map((propose) => ({ ...plan, propose })) : []),
    ...screensNear(plan, bounds).map((screens) => ({ ...plan, screens })),
    ...bounds.prefixes.map((prefix) => ({ ...plan, prefix })),
    ...orders.map((maxOrders) => ({ ...plan, maxOrders })),
    ...ERRORS.map((errors) => ({ ...plan, bound: { ...plan.bound, errors } })),
    ...FLOORS.map((floor) => ({ ...plan, bound: { ...plan.bound, floor } })),
  ];
  return found.filter((candidate) => readable(candidate, bounds));
}

function proposalsNear(propose: Propose): Propose[] {
  return [
    ...PROPOSED.map((keep) => ({ ...propose, keep })),
    ...PROPOSED_WITHIN.map((within) => ({ ...propose, within })),
  ];
}

function screensNear({ screens, prefix, propose }: StagedPlan, { prefixes, classes }: Bounds): StagedPlan['screens'][] {
  const changed = screens.flatMap((screen, index) => {
    const { within, ...open } = screen;
    const others = [
      ...prefixes.map((length) => ({ ...screen, prefix: length })),
      ...[...KEEP.filter((keep) => keep < classes), classes].map((keep) => ({ ...screen, keep })),
      ...WITHIN.map((nats) => ({ ...screen, within: nats })),
      ...(within === undefined ? [] : [open]),
    ];
    return others.map((other) => screens.with(index, other));
  });
  const more = prefixes.map((length) => [...screens, { prefix: length, keep: classes }]);
  const fewer = screens.length > (propose ? 0 : 1) ? screens.map((_, index) => screens.toSpliced(index, 1)) : [];
  return [...changed, ...(screens.length < 2 ? more : []), ...fewer].filter((list) =>
    list.every((screen, index) => screen.prefix <= (list[index + 1]?.prefix ?? prefix)),
  );
}

function readable({ screens, prefix, maxOrders }: StagedPlan, { orders }: Bounds): boolean {
  const shorter = screens.filter((screen) => screen.prefix < prefix).length;
  return maxOrders > 0 && screens.every((screen) => screen.prefix <= prefix) && shorter + maxOrders <= orders;
}
