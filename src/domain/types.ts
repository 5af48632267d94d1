/** A round of work on one image: orders [firstOrder, firstOrder + orders) of which `prefix` tokens are read, for `classes`. */
export interface Round {
  index: number;
  firstOrder: number;
  orders: number;
  prefix: number;
  /** Class ids, ascending. */
  classes: readonly number[];
}

/** A round with what it found: fixed-point log-likelihoods (units of 2^-12 nat), [orders, classes] row-major. */
export interface RoundEvidence {
  round: Round;
  logLikelihoods: Int32Array;
}

export type Statistic = 'mean-log-likelihood' | 'mean-posterior' | 'log-mean-exp';

/** Reads all orders over all classes, in one round. */
export interface FixedPlan {
  kind: 'fixed';
  orders: number;
  prefix: number;
}

/** A round of one order, read to a short prefix, that only the best classes survive. */
export interface Screen {
  prefix: number;
  /** How many classes survive it at most. */
  keep: number;
  /** How many nats behind the best a class may be and survive it; absent: any number. */
  within?: number;
}

/** Which classes a proposer leaves to be read. */
export interface Propose {
  /** How many at most. */
  keep: number;
  /** How many nats of log-posterior behind the proposer's best one may be; absent: any number. */
  within?: number;
}

/**
 * Reads order 0 over all classes, or those that a proposer leaves, and a new order for each further screen over those that survived the one before, then
 * more new orders at the full prefix, a few at a time, over the classes still standing until one is left or `maxOrders`
 * full orders were read. Screens at the full prefix count as full orders.
 */
export interface StagedPlan {
  kind: 'staged';
  /** Absent: every class is read. */
  propose?: Propose;
  /** None reads less far than the one before. */
  screens: readonly Screen[];
  prefix: number;
  /** Most orders read at the full prefix. */
  maxOrders: number;
  ordersPerRound: number;
  /** A class is dropped when its mean paired margin behind the best exceeds max(errors x standard error, floor / sqrt(orders)) nats. */
  bound: { errors: number; floor: number };
}

export type Plan = FixedPlan | StagedPlan;

/** How evidence becomes a label. */
export interface DecisionRule {
  plan: Plan;
  statistic: Statistic;
  /** Class priors, summing to 1; absent: uniform. A class of prior 0 is never read. */
  priors?: readonly number[];
  /** Divides log-likelihoods before they become posteriors; 1 leaves them as they are. */
  temperature: number;
  /** How many of the most probable classes a decision lists. */
  top: number;
}

export interface ClassPosterior {
  classId: number;
  posterior: number;
}

/** What the evidence says of an image. */
export interface Decision {
  classId: number;
  posterior: number;
  top: ClassPosterior[];
  /** Log posterior odds of the first class over the second, nats; infinite if only one class is possible. */
  margin: number;
  /** Statistic of the log-likelihood under the label, before tempering, nats. */
  logLikelihood: number;
  /** Tokens that the last round read of an order: those that log-likelihood and log evidence are of. */
  prefix: number;
  /** log p(x) = log sum_c prior_c p(x | c), p by the statistic, before tempering, nats. */
  logEvidence: number;
  /** Share of the orders (of those read as far as the last round) that on their own would name another class. */
  disagreement: number;
  /** Orders, rows and rounds read, at any prefix. */
  orders: number;
  rows: number;
  rounds: number;
  /** Classes dropped before the last round. */
  pruned: number;
  /** Posterior of every class, by class id. */
  posteriors: Float64Array;
}

/** What to do with an image next. */
export type Step = { kind: 'round'; round: Round } | { kind: 'decision'; decision: Decision };
