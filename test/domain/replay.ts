import { decide } from '../../src/domain/decide.ts';
import { NAT } from '../../src/domain/evidence.ts';
import type { Decision, DecisionRule, Round, RoundEvidence } from '../../src/domain/types.ts';

/** Log-likelihood in nats of an order, read to a prefix, under a class. */
export type Reading = (order: number, prefix: number, classId: number) => number;

/** What scoring a round would give. */
export function read(round: Round, reading: Reading): RoundEvidence {
  const orders = Array.from({ length: round.orders }, (_, k) => round.firstOrder + k);
  const nats = orders.flatMap((order) => round.classes.map((classId) => reading(order, round.prefix, classId)));
  return { round, logLikelihoods: Int32Array.from(nats, (value) => Math.round(value * NAT)) };
}

/** Plays a rule to its decision; the evidence is that of all rounds read. */
export function replay(
  rule: DecisionRule,
  classCount: number,
  reading: Reading,
): { decision: Decision; evidence: RoundEvidence[] } {
  const evidence: RoundEvidence[] = [];
  for (;;) {
    const step = decide(rule, classCount, evidence);
    if (step.kind === 'decision') return { decision: step.decision, evidence };
    evidence.push(read(step.round, reading));
  }
}

/** A reading from tables: one row an order and one column a class, at the screen's prefix of 8 and the full one of 16. */
export function tables(screen: readonly number[], full: readonly (readonly number[])[]): Reading {
  return (order, prefix, classId) => {
    const nats = prefix === 8 ? screen[classId] : full[order]?.[classId];
    if (nats === undefined) throw new Error(`no entry for order ${order}, prefix ${prefix}, class ${classId}`);
    return nats;
  };
}
