import { OrdoError } from '../errors.ts';
import { at } from './at.ts';
import type { Round, RoundEvidence } from './types.ts';

/** Fixed-point units in a nat: evidence is kept in whole multiples of 2^-12 nat, so that its sums are exact. */
export const NAT = 4096;

/** Most orders that one round may read. */
export const MAX_ORDERS = 4096;

const INT32_MAX = 2 ** 31 - 1;
const UINT32_COUNT = 2 ** 32;

/**
 * Log-likelihood of one row in fixed point: `prefix` token log-likelihoods (nats) of `perToken`, beginning at `from`,
 * summed in double precision in token order, then rounded to the nearest unit, halves towards positive infinity.
 * Errors: SCORER_NOT_FINITE if the sum is not a finite number or exceeds 32 bits (524,288 nats either way).
 */
export function rowLogLikelihood(perToken: Float32Array, from: number, prefix: number): number {
  let nats = 0;
  for (let i = from; i < from + prefix; i++) nats += perToken[i] ?? Number.NaN;
  const units = Math.round(nats * NAT);
  if (Math.abs(units) <= INT32_MAX) return units | 0;
  throw new OrdoError('SCORER_NOT_FINITE', `a row's log-likelihood is ${nats} nats`);
}

/** Fixed-point units to nats, exactly. */
export function toNats(units: number): number {
  return units / NAT;
}

/** The log-likelihoods (nats) of the rounds' orders, first to last, one row an order and one column a class of `classes`. */
export function gatherNats(rounds: readonly RoundEvidence[], classes: readonly number[]): Float64Array[] {
  return rounds.flatMap(({ round, logLikelihoods }) => {
    const columns = columnsOf(round, classes);
    return Array.from({ length: round.orders }, (_, order) => {
      const start = order * round.classes.length;
      return Float64Array.from(columns, (column) => toNats(at(logLikelihoods, start + column)));
    });
  });
}

function columnsOf(round: Round, classes: readonly number[]): number[] {
  const places = new Map(round.classes.map((classId, column) => [classId, column]));
  return classes.map((classId) => {
    const column = places.get(classId);
    if (column === undefined) throw new OrdoError('INTERNAL', `round ${round.index} did not read class ${classId}`);
    return column;
  });
}

/** Checks a round that came from a record against the model's shapes. Errors: RECORD_INVALID. */
export function checkRound(round: Round, classCount: number, positions: number): void {
  const { index, firstOrder, orders, prefix, classes } = round;
  requireWhole('index', index, 0, UINT32_COUNT - 1);
  requireWhole('number of orders', orders, 1, MAX_ORDERS);
  requireWhole('first order', firstOrder, 0, UINT32_COUNT - orders);
  requireWhole('prefix', prefix, 1, positions);
  if (classes.length === 0) throw invalid('the round has no classes');
  classes.forEach((classId, place) => {
    requireWhole('class', classId, 0, classCount - 1);
    const before = classes[place - 1];
    if (before !== undefined && before >= classId)
      throw invalid(`class ${classId} comes after class ${before} in the round`);
  });
}

/** Checks evidence that came from a record: its round, and one log-likelihood for each order and class. Errors: RECORD_INVALID. */
export function checkEvidence(evidence: RoundEvidence, classCount: number, positions: number): void {
  const { round, logLikelihoods } = evidence;
  checkRound(round, classCount, positions);
  const expected = round.orders * round.classes.length;
  if (logLikelihoods.length !== expected) {
    throw invalid(`round ${round.index} must hold ${expected} log-likelihoods, it holds ${logLikelihoods.length}`);
  }
}

function requireWhole(what: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw invalid(`the round's ${what} must be a whole number from ${min} to ${max}, it is ${value}`);
}

function invalid(message: string): OrdoError {
  return new OrdoError('RECORD_INVALID', message);
}
