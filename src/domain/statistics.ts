import { at } from './at.ts';
import type { Statistic } from './types.ts';

/** What orders say of an image together. For each class c: posterior_c = exp(logPrior_c + score_c - logEvidence). */
export interface Marginal {
  /** Posterior of each class; they sum to 1. */
  posteriors: Float64Array;
  /** The statistic of each class's log-likelihood over the orders, divided by the temperature, nats. */
  scores: Float64Array;
  /** log sum_c prior_c exp(score_c), nats. */
  logEvidence: number;
}

/**
 * Marginalizes over orders. `rows` holds one row an order: log p(tokens | class, order) of each class, nats.
 * `logPriors` has one entry a class, at least one of them finite; `temperature` (above 0) divides log-likelihoods.
 *
 * The three statistics are those of arXiv 2603.19122, with l the log-likelihoods over the temperature:
 * - mean-log-likelihood: score_c = mean_k l_kc.
 * - log-mean-exp: score_c = log mean_k exp(l_kc), the likelihood of a mixture of the orders.
 * - mean-posterior: posterior_c = mean_k softmax_c(logPrior_c + l_kc). It is no likelihood, so log p(x) is taken to be
 *   the mean over orders of z_k = log sum_c prior_c exp(l_kc), and score_c = log mean_k exp(l_kc - z_k) + mean_k z_k.
 *
 * Sums run over orders first to last and classes in column order, so the same input gives the same bits.
 */
export function marginalize(
  statistic: Statistic,
  rows: readonly Float64Array[],
  logPriors: Float64Array,
  temperature: number,
): Marginal {
  const scores = STATISTICS[statistic](rows, logPriors, temperature);
  const logJoint = scores.map((score, column) => score + at(logPriors, column));
  return { posteriors: softmax(logJoint), scores, logEvidence: logSumExp(logJoint) };
}

/** log sum exp(values), without overflow; -Infinity if all values are. */
export function logSumExp(values: ArrayLike<number>): number {
  const most = largest(values);
  if (most === -Infinity) return most;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp(at(values, i) - most);
  return most + Math.log(sum);
}

/** exp(values) scaled to sum to 1. At least one value must be finite, none +Infinity. */
export function softmax(values: Float64Array): Float64Array {
  const most = largest(values);
  const weights = values.map((value) => Math.exp(value - most));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

const STATISTICS: Record<
  Statistic,
  (rows: readonly Float64Array[], logPriors: Float64Array, temperature: number) => Float64Array
> = {
  'mean-log-likelihood': (rows, _logPriors, temperature) => columnMeans(rows).map((mean) => mean / temperature),
  'log-mean-exp': (rows, _logPriors, temperature) => columnLogMeanExps(rows.map((row) => scaled(row, temperature))),
  'mean-posterior': (rows, logPriors, temperature) => {
    const tempered = rows.map((row) => scaled(row, temperature));
    const evidence = tempered.map((row) => logSumExp(row.map((nats, column) => nats + at(logPriors, column))));
    const ratios = tempered.map((row, order) => row.map((nats) => nats - at(evidence, order)));
    const meanEvidence = evidence.reduce((sum, nats) => sum + nats, 0) / evidence.length;
    return columnLogMeanExps(ratios).map((ratio) => ratio + meanEvidence);
  },
};

/** Exact for fixed-point nats: the sums of multiples of 2^-12 do not round. */
function columnMeans(rows: readonly Float64Array[]): Float64Array {
  return eachColumn(rows, (column) => column.reduce((sum, value) => sum + value, 0) / column.length);
}

function columnLogMeanExps(rows: readonly Float64Array[]): Float64Array {
  return eachColumn(rows, (column) => logSumExp(column) - Math.log(column.length));
}

function eachColumn(rows: readonly Float64Array[], combine: (column: number[]) => number): Float64Array {
  const width = rows[0]?.length ?? 0;
  return Float64Array.from({ length: width }, (_, column) => combine(rows.map((row) => at(row, column))));
}

function scaled(row: Float64Array, temperature: number): Float64Array {
  return row.map((nats) => nats / temperature);
}

function largest(values: ArrayLike<number>): number {
  let most = -Infinity;
  for (let i = 0; i < values.length; i++) most = Math.max(most, at(values, i));
  return most;
}
