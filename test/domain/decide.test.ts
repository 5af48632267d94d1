import assert from 'node:assert/strict';
import { decide } from '../../src/domain/decide.ts';
import type { Decision, DecisionRule, StagedPlan } from '../../src/domain/types.ts';
import { replay, tables } from './replay.ts';

const plan: StagedPlan = {
  kind: 'staged',
  screens: [{ prefix: 8, keep: 3 }],
  prefix: 16,
  maxOrders: 2,
  ordersPerRound: 1,
  bound: { errors: 2, floor: 3 },
};
const rule: DecisionRule = { plan, statistic: 'mean-log-likelihood', temperature: 1, top: 2 };
const fixed = (orders: number): DecisionRule => ({ ...rule, plan: { kind: 'fixed', orders, prefix: 16 } });

function decided(of: DecisionRule, screen: number[], full: number[][]): Decision {
  const width = Math.max(screen.length, full[0]?.length ?? 0);
  return replay(of, width, tables(screen, full)).decision;
}

function close(actual: number | undefined, expected: number): void {
  assert.ok(actual !== undefined && Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
}

/** Log posterior odds of class a over class b. */
function odds({ posteriors }: Decision, a: number, b: number): number {
  return Math.log(posteriors[a]! / posteriors[b]!);
}

describe('a decision under a fixed plan', () => {
  const full = [
    [-10, -12, -11],
    [-14, -10, -14],
  ];

  it('names the class with the best statistic', () => {
    const decision = decided(fixed(2), [], full);
    assert.equal(decision.classId, 1);
    close(decision.margin, 1);
    close(decision.logLikelihood, -11);
    close(odds(decision, 1, 2), 1.5);
    close(decision.logEvidence, Math.log((Math.exp(-11) + Math.exp(-12) + Math.exp(-12.5)) / 3));
    close(decision.posterior, Math.exp(-11 - Math.log(3) - decision.logEvidence));
  });

  it('says how many tokens its log-likelihoods are of', () => {
    const early: DecisionRule = { ...rule, plan: { ...plan, screens: [{ prefix: 8, keep: 1 }] } };
    assert.equal(decided(fixed(2), [], full).prefix, 16);
    assert.equal(decided(rule, [-5, -5.5], [[], [-20, -24]]).prefix, 16);
    assert.equal(decided(early, [-5, -20], []).prefix, 8, 'where one class survives the screen, no more is read');
  });

  it('counts what was read', () => {
    const { orders, rows, rounds, pruned } = decided(fixed(2), [], full);
    assert.deepEqual({ orders, rows, rounds, pruned }, { orders: 2, rows: 6, rounds: 1, pruned: 0 });
  });

  it('lists as many classes as asked, best first', () => {
    const { top, posteriors } = decided(fixed(2), [], full);
    assert.deepEqual(top, [
      { classId: 1, posterior: posteriors[1] },
      { classId: 0, posterior: posteriors[0] },
    ]);
    assert.equal(decided({ ...fixed(2), top: 9 }, [], full).top.length, 3);
  });

  it('tells the share of orders that name another class', () => {
    close(decided(fixed(2), [], full).disagreement, 0.5);
    close(decided(fixed(1), [], full).disagreement, 0);
  });

  it('names the lower class of equals', () => {
    const { classId, margin, top } = decided({ ...fixed(1), top: 3 }, [], [[-2, -1, -1]]);
    assert.equal(classId, 1);
    assert.equal(margin, 0);
    assert.deepEqual(
      top.map((entry) => entry.classId),
      [1, 2, 0],
    );
  });

  it('keeps the margin where posteriors underflow', () => {
    const { margin, posteriors } = decided(fixed(1), [], [[-1000, -3000]]);
    close(margin, 2000);
    assert.deepEqual([...posteriors], [1, 0]);
  });

  it('weighs priors in the label, the margin and the vote of each order', () => {
    const decision = decided({ ...fixed(2), priors: [0.125, 0.125, 0.75] }, [], full);
    assert.equal(decision.classId, 2);
    close(decision.margin, Math.log(6) - 1.5);
    close(decision.logLikelihood, -12.5);
    // Order 0: class 2 trails class 0 by 1 < log 6 nats. Order 1: it trails class 1 by 4 > log 6.
    close(decision.disagreement, 0.5);
  });

  it('tempers the vote of each order, so that priors weigh more', () => {
    const priors = [0.125, 0.125, 0.75];
    // log 6 = 1.79 nats: at temperature 4 class 1 leads class 2 by 4 / 4 = 1 nat of likelihood in order 1.
    const decision = decided({ ...fixed(2), priors, temperature: 4 }, [], full);
    assert.equal(decision.classId, 2);
    close(decision.disagreement, 0);
  });

  it('gives a class of prior 0 no posterior and does not list it', () => {
    const { posteriors, top } = decided({ ...fixed(1), priors: [0.5, 0.5, 0], top: 3 }, [], full);
    assert.equal(posteriors[2], 0);
    assert.equal(top.length, 2);
  });

  it('tempers posteriors and margin, but not likelihood and evidence', () => {
    const plain = decided(fixed(2), [], full);
    const tempered = decided({ ...fixed(2), temperature: 2 }, [], full);
    close(tempered.margin, plain.margin / 2);
    close(odds(tempered, 1, 2), odds(plain, 1, 2) / 2);
    close(tempered.logLikelihood, plain.logLikelihood);
    close(tempered.logEvidence, plain.logEvidence);
  });

  it('follows the statistic that the rule names', () => {
    const orders = [
      [-10, -12],
      [-30, -29],
      [-30, -29],
    ];
    const label = (statistic: DecisionRule['statistic']) => decided({ ...fixed(3), statistic }, [], orders).classId;
    assert.equal(label('mean-log-likelihood'), 0, 'means -23.33 and -23.33: the lower class of equals');
    assert.equal(label('log-mean-exp'), 0, 'the first order outweighs the others');
    assert.equal(label('mean-posterior'), 1, 'two orders of three are for class 1');
  });

  it('has an endless margin when no other class is possible', () => {
    assert.equal(decided({ ...fixed(1), priors: [1, 0] }, [], [[-5, 0]]).margin, Infinity);
  });
});

describe('a decision under a staged plan', () => {
  it('asks for the round that the plan asks for until it is over', () => {
    assert.deepEqual(decide(rule, 3, []), {
      kind: 'round',
      round: { index: 0, firstOrder: 0, orders: 1, prefix: 8, classes: [0, 1, 2] },
    });
  });

  it('keeps a screened-out class as far behind the label as the screen saw it', () => {
    const decision = decided(rule, [-5, -9, -6, -7], [[], [-20, -99, -21, -22], [-20, -99, -22, -22]]);
    assert.equal(decision.classId, 0);
    close(odds(decision, 0, 1), 4);
    close(odds(decision, 0, 2), 1.5);
    close(odds(decision, 0, 3), 2);
  });

  it('keeps a class dropped later as far behind as the full orders that it shares with the label saw it', () => {
    const full = [[], [-20, -24, -21], [-20, -99, -20], [-20, -99, -21]];
    const decision = decided(
      { ...rule, plan: { ...plan, maxOrders: 3, screens: [{ prefix: 8, keep: 9 }] } },
      [0, 0, 0],
      full,
    );
    close(odds(decision, 0, 2), 2 / 3);
    close(odds(decision, 0, 1), 4);
  });

  it('measures a class dropped at the screen against the label, not against the leader of then', () => {
    const decision = decided(
      { ...rule, plan: { ...plan, maxOrders: 1, screens: [{ prefix: 8, keep: 2 }] } },
      [-5, -6, -9],
      [[], [-21, -20, -99]],
    );
    assert.equal(decision.classId, 1);
    close(odds(decision, 1, 2), 3);
  });

  it('holds a dropped class down to the lowest survivor when survivors fell further behind since', () => {
    const full = [[], [-20, -24, -21], [-20, -99, -39]];
    const decision = decided({ ...rule, top: 3 }, [0, 0, 0], full);
    close(odds(decision, 0, 2), 10);
    close(odds(decision, 0, 1), 10);
    assert.deepEqual(
      decision.top.map(({ classId }) => classId),
      [0, 2, 1],
      'behind the survivor although its id is lower',
    );
    close(decision.margin, 10);
  });

  it('never names a dropped class, though it led the label while both were read', () => {
    // After orders 1 and 2 class 1 trails class 0 by 6 surely and goes; class 2 trails by 10 unsurely, stays and wins.
    const wide = {
      ...rule,
      plan: { ...plan, maxOrders: 3, ordersPerRound: 2, bound: { errors: 2, floor: 1 } },
      top: 3,
    };
    const decision = decided(wide, [0, 0, 0], [[], [-20, -26, -20], [-20, -26, -40], [-60, -99, -20]]);
    assert.deepEqual(
      decision.top.map(({ classId }) => classId),
      [2, 0, 1],
    );
    close(decision.margin, 100 / 3 - 80 / 3);
    close(odds(decision, 0, 1), 0);
  });

  it('counts what was read, and the votes of full orders only', () => {
    const full = [[], [-20, -99, -21, -22], [-20, -99, -19, -22]];
    const { orders, rows, rounds, pruned, disagreement } = decided(rule, [-8, -9, -6, -7], full);
    assert.deepEqual({ orders, rows, rounds, pruned }, { orders: 3, rows: 4 + 3 + 3, rounds: 3, pruned: 1 });
    assert.equal(disagreement, 0.5);
  });

  it('rests on the screen when that leaves one class', () => {
    const only = { ...rule, plan: { ...plan, screens: [{ prefix: 8, keep: 1 }] } };
    const decision = decided(only, [-7, -5, -8], []);
    assert.equal(decision.classId, 1);
    close(decision.margin, 2);
    close(decision.logLikelihood, -5);
    const { orders, rows, rounds, pruned, disagreement } = decision;
    assert.deepEqual([orders, rows, rounds, pruned, disagreement], [1, 3, 1, 0, 0]);
  });

  it('never mixes the screen into the mean of the full orders', () => {
    const { logLikelihood } = decided(rule, [-500, -501], [[], [-20, -21], [-22, -23]]);
    close(logLikelihood, -21);
  });

  it('counts evidence of dropped classes into log p(x)', () => {
    const { logEvidence, logLikelihood } = decided(rule, [-5, -5.5], [[], [-20, -24]]);
    close(logLikelihood, -20);
    close(logEvidence, -20 + Math.log((1 + Math.exp(-4)) / 2));
  });
});
