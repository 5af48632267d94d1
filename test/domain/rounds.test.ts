import assert from 'node:assert/strict';
import { nextRound } from '../../src/domain/rounds.ts';
import type { DecisionRule, Round, RoundEvidence, StagedPlan } from '../../src/domain/types.ts';
import { read, tables } from './replay.ts';

const plan: StagedPlan = {
  kind: 'staged',
  screens: [{ prefix: 8, keep: 3 }],
  prefix: 16,
  maxOrders: 3,
  ordersPerRound: 1,
  bound: { errors: 2, floor: 3 },
};
const rule: DecisionRule = { plan, statistic: 'mean-log-likelihood', temperature: 1, top: 3 };
const staged = (change: Partial<StagedPlan>): DecisionRule => ({ ...rule, plan: { ...plan, ...change } });

/** The rounds that a rule asks for, one after another. */
function rounds(of: DecisionRule, screen: number[], full: number[][]): Round[] {
  const evidence: RoundEvidence[] = [];
  for (;;) {
    const round = nextRound(of, screen.length, evidence);
    if (!round) return evidence.map((entry) => entry.round);
    evidence.push(read(round, tables(screen, full)));
  }
}

/** The classes of each round. */
function standing(of: DecisionRule, screen: number[], full: number[][]): (readonly number[])[] {
  return rounds(of, screen, full).map(({ classes }) => classes);
}

describe('the rounds of a fixed plan', () => {
  it('are one, of all orders over all classes', () => {
    const fixed: DecisionRule = { ...rule, plan: { kind: 'fixed', orders: 2, prefix: 16 } };
    const table = [
      [-1, -2],
      [-1, -2],
    ];
    assert.deepEqual(rounds(fixed, [0, 0], table), [
      { index: 0, firstOrder: 0, orders: 2, prefix: 16, classes: [0, 1] },
    ]);
  });
});

describe('the rounds of a staged plan', () => {
  it('screen one order over all classes, then read new orders over those standing', () => {
    const full = [[], [-1, 0, -9, -2], [-2, 0, -9, -1], [0, 0, -9, 0]];
    assert.deepEqual(rounds(rule, [-7, -5, -8, -6], full), [
      { index: 0, firstOrder: 0, orders: 1, prefix: 8, classes: [0, 1, 2, 3] },
      { index: 1, firstOrder: 1, orders: 1, prefix: 16, classes: [0, 1, 3] },
      { index: 2, firstOrder: 2, orders: 1, prefix: 16, classes: [0, 1, 3] },
      { index: 3, firstOrder: 3, orders: 1, prefix: 16, classes: [0, 1, 3] },
    ]);
  });

  it('keep the lower classes of equals after the screen', () => {
    assert.deepEqual(standing(staged({ maxOrders: 1 }), [-5, -5, -5, -5], [[], [0, 0, 0, 0]])[1], [0, 1, 2]);
  });

  it('keep all classes when there are fewer than may stay', () => {
    const keep = staged({ screens: [{ prefix: 8, keep: 9 }], maxOrders: 1 });
    assert.deepEqual(standing(keep, [-50, 0], [[], [0, 0]])[1], [0, 1]);
  });

  it('drop a class after one order when it trails by more than the floor, not by just as much', () => {
    const after = (nats: number) => standing(rule, [0, 0, 0], [[], [0, 0, nats], [0, 0, 0], [0, 0, 0]])[2];
    assert.deepEqual(after(-3), [0, 1, 2]);
    assert.deepEqual(after(-3 - 1 / 4096), [0, 1]);
  });

  it('lower the floor with the root of the orders', () => {
    const two = (nats: number) => standing(rule, [0, 0, 0], [[], [0, 0, nats], [0, 0, nats], [0, 0, 0]])[3];
    assert.deepEqual(two(-2.12), [0, 1, 2], '3 / sqrt(2) = 2.1213');
    assert.deepEqual(two(-2.125), [0, 1]);
  });

  it('drop a class that trails by more than the standard errors of its paired margin allow', () => {
    const loose = staged({ ordersPerRound: 2, maxOrders: 4 });
    const third = (a: number, b: number) =>
      standing(loose, [0, 0, 0], [[], [-10, -10, a - 10], [-20, -20, b - 20], [0, 0, 0], [0, 0, 0]])[2];
    // Margins 4 and 8: mean 6, standard error 2. Margins 2 and 10: mean 6, standard error 4.
    assert.deepEqual(third(-4, -8), [0, 1]);
    assert.deepEqual(third(-2, -10), [0, 1, 2]);
  });

  it('pair margins order by order: what all classes share widens no bound', () => {
    const loose = staged({ ordersPerRound: 2, maxOrders: 4 });
    const full = [[], [-100, -101, -104], [-900, -901, -904], [0, 0, 0], [0, 0, 0]];
    assert.deepEqual(standing(loose, [0, 0, 0], full)[2], [0, 1]);
  });

  it('end when one class stands', () => {
    assert.equal(rounds(rule, [0, 0, 0], [[], [0, -4, -4]]).length, 2);
  });

  it('read a new order for each further screen, over those that survived', () => {
    const twice = staged({
      screens: [
        { prefix: 8, keep: 3 },
        { prefix: 16, keep: 2 },
      ],
    });
    const full = [[], [-9, -1, 0, 0], [-9, 0, 0, 0], [-9, 0, 0, 0]];
    assert.deepEqual(
      rounds(twice, [-1, -2, -3, -4], full).map(({ firstOrder, prefix, classes }) => [firstOrder, prefix, classes]),
      [
        [0, 8, [0, 1, 2, 3]],
        [1, 16, [0, 1, 2]],
        [2, 16, [1, 2]],
        [3, 16, [1, 2]],
      ],
    );
  });

  it('drop a class at the screen that is further behind the best than may survive', () => {
    const near = staged({ screens: [{ prefix: 8, keep: 4, within: 2 }], maxOrders: 1 });
    assert.deepEqual(standing(near, [-3, -1, -3 - 1 / 4096, -1], [[], [0, 0, 0, 0]])[1], [0, 1, 3]);
    assert.equal(rounds(near, [0, -9, -9], []).length, 1);
  });

  it('end with the screen when it leaves one class', () => {
    assert.equal(rounds(staged({ screens: [{ prefix: 8, keep: 1 }] }), [0, -1, -2], []).length, 1);
  });

  it('end with the most orders, the last round being cut to fit', () => {
    const found = rounds(staged({ ordersPerRound: 2 }), [0, 0], [[], [0, 0], [0, 0], [0, 0]]);
    assert.deepEqual(
      found.map(({ firstOrder, orders }) => [firstOrder, orders]),
      [
        [0, 1],
        [1, 2],
        [3, 1],
      ],
    );
  });

  it('count a screen at the full prefix as a full order, and drop by it', () => {
    const same = staged({ screens: [{ prefix: 16, keep: 3 }], maxOrders: 2 });
    const full = [
      [0, -2, -4, -9],
      [0, 0, 0, 0],
    ];
    assert.deepEqual(standing(same, [0, 0, 0, 0], full), [
      [0, 1, 2, 3],
      [0, 1],
    ]);
    const one = staged({ screens: [{ prefix: 16, keep: 3 }], maxOrders: 1 });
    assert.equal(rounds(one, [0, 0, 0, 0], full).length, 1);
  });

  it('never read a class of prior 0', () => {
    assert.deepEqual(standing({ ...rule, priors: [0.5, 0, 0.5] }, [0, 0, 0], [[], [0, 0, 0], [0, 0, 0], [0, 0, 0]]), [
      [0, 2],
      [0, 2],
      [0, 2],
      [0, 2],
    ]);
  });

  it('weigh priors in the screen and in the margin', () => {
    const priors = [0.01, 0.98, 0.01];
    assert.deepEqual(
      standing({ ...staged({ screens: [{ prefix: 8, keep: 2 }] }), priors }, [0, -4, -1], [[], [0, 0, 0]])[1],
      [0, 1],
    );
    // log(0.98 / 0.01) = 4.58: class 0 trails by 0.58 nats, class 2 by 3.58.
    assert.deepEqual(standing({ ...rule, priors }, [0, 0, 0], [[], [4, 0, 1], [4, 0, 1], [4, 0, 1]])[2], [0, 1]);
  });

  it('take priors for as many nats as the temperature makes of them', () => {
    const priors = [0.75, 0.25];
    const full = [[], [0, 0], [0, 0], [0, 0]];
    // log 3 = 1.0986 nats; at temperature 3 that is worth 3.2958 nats of likelihood, over the floor of 3.
    assert.equal(rounds({ ...rule, priors }, [0, 0], full).length, 4);
    assert.equal(rounds({ ...rule, priors, temperature: 3 }, [0, 0], full).length, 2);
  });

  it('never drop the leader by the statistic, even when its mean trails', () => {
    const mixture: DecisionRule = { ...staged({ ordersPerRound: 2, maxOrders: 3 }), statistic: 'log-mean-exp' };
    const full = [[], [-10, -20], [-60, -20], [0, 0]];
    assert.deepEqual(standing(mixture, [0, 0], full)[2], [0, 1]);
  });
});
