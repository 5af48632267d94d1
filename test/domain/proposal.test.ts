import assert from 'node:assert/strict';
import { NAT } from '../../src/domain/evidence.ts';
import { ruledOut, withProposal } from '../../src/domain/proposal.ts';
import { nextRound } from '../../src/domain/rounds.ts';
import type { DecisionRule, Propose, StagedPlan } from '../../src/domain/types.ts';
import { replay, tables } from './replay.ts';

const plan: StagedPlan = {
  kind: 'staged',
  screens: [],
  prefix: 16,
  maxOrders: 3,
  ordersPerRound: 2,
  bound: { errors: 2, floor: 3 },
};
const CLASSES = 4;
/** Nats of the proposer, best first: 2, 0, 3, 1. */
const proposal = Int32Array.from([-2, -5, 0, -3], (nats) => nats * NAT);

const ruleOf = (propose?: Propose): DecisionRule => ({
  plan: { ...plan, ...(propose && { propose }) },
  statistic: 'mean-log-likelihood',
  temperature: 1,
  top: CLASSES,
});
const read = (rule: DecisionRule) => nextRound(withProposal(rule, CLASSES, proposal), CLASSES, [])?.classes;

describe('a proposal', () => {
  it('leaves the best classes to be read, by id', () => {
    assert.deepEqual(read(ruleOf({ keep: 3 })), [0, 2, 3]);
    assert.deepEqual(read(ruleOf({ keep: 99 })), [0, 1, 2, 3]);
  });

  it('leaves those near the best, the edge counting as near', () => {
    assert.deepEqual(read(ruleOf({ keep: 99, within: 3 })), [0, 2, 3]);
    assert.deepEqual(read(ruleOf({ keep: 99, within: 2.99 })), [0, 2]);
  });

  it('leaves two classes where only one is near: it never gives the label', () => {
    assert.deepEqual(read(ruleOf({ keep: 99, within: 0 })), [0, 2]);
  });

  it('leaves the lower class of equals', () => {
    const even = withProposal(ruleOf({ keep: 2 }), CLASSES, new Int32Array(CLASSES));
    assert.deepEqual(nextRound(even, CLASSES, [])?.classes, [0, 1]);
  });

  it('names no class that cannot be', () => {
    const rule = { ...ruleOf({ keep: 2 }), priors: [0.5, 0.25, 0, 0.25] };
    const narrowed = withProposal(rule, CLASSES, proposal);
    assert.deepEqual(narrowed.priors, [0.5, 0, 0, 0.25]);
    assert.equal(ruledOut(rule, narrowed), 1);
  });

  it('changes nothing where the plan does not ask for one, or there is none', () => {
    const rules = [ruleOf(), { ...ruleOf(), plan: { kind: 'fixed' as const, orders: 1, prefix: 16 } }];
    for (const rule of rules) assert.equal(withProposal(rule, CLASSES, proposal), rule);
    const asking = ruleOf({ keep: 2 });
    assert.equal(withProposal(asking, CLASSES, []), asking);
    assert.equal(ruledOut(asking, asking), 0);
  });

  it('gives what it rules out no posterior, and moves no evidence of the others', () => {
    const full = [0, 1, 2].map((order) => [-order, -2, -1 - order, -2]);
    const rule = withProposal(ruleOf({ keep: 3 }), CLASSES, proposal);
    const { decision, evidence } = replay(rule, CLASSES, tables([], full));
    assert.equal(decision.posteriors[1], 0);
    assert.equal(decision.top.length, 3);
    const unnarrowed = replay({ ...rule, priors: [0.25, 0.25, 0.25, 0.25] }, CLASSES, tables([], full)).decision;
    const odds = (posteriors: Float64Array) => Math.log(posteriors[0]! / posteriors[2]!);
    assert.ok(Math.abs(odds(decision.posteriors) - odds(unnarrowed.posteriors)) < 1e-12);
    assert.equal(evidence[0]?.round.orders, 2, 'without screens the first round reads as many orders as any');
  });
});
