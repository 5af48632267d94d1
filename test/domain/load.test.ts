import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { OrderCeiling, ordersOfPlan, withCeiling } from '../../src/domain/load.ts';
import type { DecisionRule, StagedPlan } from '../../src/domain/types.ts';

const LOAD = { floor: 2, from: 100, to: 1600 };
const plan: StagedPlan = {
  kind: 'staged',
  screens: [{ prefix: 8, keep: 3 }],
  prefix: 16,
  maxOrders: 10,
  ordersPerRound: 1,
  bound: { errors: 2, floor: 3 },
};
const rule: DecisionRule = { plan, statistic: 'mean-log-likelihood', temperature: 1, top: 3 };

function after(...lags: number[]): number {
  const ceiling = new OrderCeiling(10, LOAD);
  for (const lag of lags) ceiling.observe(lag);
  return ceiling.current;
}

describe('the ceiling of orders', () => {
  it('is the plan up to the first lag, the floor from the second on, and falls with each doubling in between', () => {
    assert.deepEqual(
      [0, 100, 200, 400, 800, 1600, 99_999].map((lag) => after(lag)),
      [10, 10, 8, 6, 4, 2, 2],
    );
  });

  it('falls at once, and rises only when the lag is half of what the higher ceiling allows', () => {
    assert.equal(after(800), 4);
    assert.equal(after(800, 500), 4, 'which alone would allow 5');
    assert.equal(after(800, 200), 6);
    assert.equal(after(800, 51), 10, 'twice 51 is hardly above the first lag');
    assert.equal(after(800, 50), 10);
  });

  it('does not move while the lag swings by less than a factor of two', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 150, max: 1500 }),
        fc.array(fc.double({ min: 0.55, max: 1, noNaN: true })),
        (top, swings) => {
          const ceiling = new OrderCeiling(10, LOAD);
          ceiling.observe(top);
          const before = ceiling.current;
          for (const swing of swings) {
            ceiling.observe(top * swing);
            assert.equal(ceiling.current, before);
          }
        },
      ),
    );
  });

  it('stays between the floor and the plan, whatever the lag does', () => {
    const lags = fc.array(fc.nat(5000));
    fc.assert(
      fc.property(lags, fc.integer({ min: 1, max: 20 }), (observed, most) => {
        const ceiling = new OrderCeiling(most, LOAD);
        for (const lag of observed) {
          ceiling.observe(lag);
          assert.ok(ceiling.current >= Math.min(LOAD.floor, most) && ceiling.current <= most);
        }
      }),
    );
  });
});

describe('a rule under a ceiling', () => {
  it('reads at most so many orders, and is itself where that is no fewer than it has', () => {
    assert.deepEqual(withCeiling(rule, 4).plan, { ...plan, maxOrders: 4 });
    const fixed: DecisionRule = { ...rule, plan: { kind: 'fixed', orders: 8, prefix: 16 } };
    assert.equal(ordersOfPlan(withCeiling(fixed, 3)), 3);
    for (const orders of [0, 10, 11]) assert.equal(withCeiling(rule, orders), rule);
  });
});
