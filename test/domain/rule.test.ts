import assert from 'node:assert/strict';
import { checkRule } from '../../src/domain/rule.ts';
import type { DecisionRule, StagedPlan } from '../../src/domain/types.ts';

const shapes = { classes: 3, positions: 16 };
const staged: StagedPlan = {
  kind: 'staged',
  screens: [{ prefix: 8, keep: 2 }],
  prefix: 16,
  maxOrders: 4,
  ordersPerRound: 1,
  bound: { errors: 2, floor: 3 },
};
const rule: DecisionRule = { plan: staged, statistic: 'mean-log-likelihood', temperature: 1, top: 5 };

function problems(change: Partial<DecisionRule>): string[] {
  return checkRule({ ...rule, ...change }, shapes);
}

function stagedProblems(change: Partial<StagedPlan>): string[] {
  return problems({ plan: { ...staged, ...change } });
}

describe('a decision rule', () => {
  it('passes when it fits the model', () => {
    assert.deepEqual(problems({}), []);
    assert.deepEqual(problems({ plan: { kind: 'fixed', orders: 4, prefix: 8 } }), []);
    assert.deepEqual(problems({ priors: [0.5, 0.25, 0.25] }), []);
    assert.deepEqual(problems({ priors: [0.5, 0.5, 0], temperature: 2.5, top: 1 }), []);
  });

  it('may have no screen, keep more classes than there are, screen at the full prefix, and never drop a class', () => {
    const bound = { errors: 0, floor: Infinity };
    assert.deepEqual(stagedProblems({ screens: [], propose: { keep: 99 } }), []);
    assert.deepEqual(stagedProblems({ screens: [{ prefix: 16, keep: 99 }], bound }), []);
  });

  const wrong: [string, string[], RegExp][] = [
    ['a temperature of 0', problems({ temperature: 0 }), /temperature must be from 0.001 to 1000/],
    ['a temperature that is no number', problems({ temperature: Number.NaN }), /temperature/],
    ['an endless temperature', problems({ temperature: Infinity }), /temperature/],
    ['no class to list', problems({ top: 0 }), /top must be a whole number of at least 1, it is 0/],
    ['half a class to list', problems({ top: 1.5 }), /top/],
    ['too few priors', problems({ priors: [0.5, 0.5] }), /priors must have 3 entries, one a class, not 2/],
    ['priors that sum to less than 1', problems({ priors: [0.25, 0.25, 0.25] }), /priors must sum to 1, .* 0.75/],
    ['a negative prior', problems({ priors: [-0.5, 0.5, 1] }), /priors must be finite numbers of at least 0/],
    ['a prior that is no number', problems({ priors: [Number.NaN, 0.5, 0.5] }), /priors must be finite/],
    ['only one possible class', problems({ priors: [1, 0, 0] }), /priors must be above 0 for at least 2 classes/],
    ['a prefix beyond the tokens', stagedProblems({ prefix: 17 }), /plan.prefix .* from 1 to 16, it is 17/],
    [
      'a screen that reads nothing',
      stagedProblems({ screens: [{ prefix: 0, keep: 2 }] }),
      /plan.screens.0.prefix must be a whole number of at least 1, it is 0/,
    ],
    ['none kept by the screen', stagedProblems({ screens: [{ prefix: 8, keep: 0 }] }), /plan.screens.0.keep/],
    [
      'a proposer that leaves one class',
      stagedProblems({ propose: { keep: 1 } }),
      /plan.propose.keep .* at least 2, it is 1/,
    ],
    ['a negative reach', stagedProblems({ propose: { keep: 2, within: -1 } }), /plan.propose.within/],
    [
      'a screen that reads further than the next',
      stagedProblems({
        screens: [
          { prefix: 16, keep: 2 },
          { prefix: 8, keep: 2 },
        ],
      }),
      /plan.screens.0.prefix must be at most the next screen's \(8\), it is 16/,
    ],
    [
      'a screen that even the best does not survive',
      stagedProblems({ screens: [{ prefix: 8, keep: 2, within: -1 }] }),
      /plan.screens.0.within must be a number of at least 0/,
    ],
    ['no full order', stagedProblems({ maxOrders: 0 }), /plan.maxOrders must be a whole number from 1 to 4096/],
    ['rounds without orders', stagedProblems({ ordersPerRound: 0 }), /plan.ordersPerRound/],
    ['a negative number of errors', stagedProblems({ bound: { errors: -1, floor: 3 } }), /plan.bound.errors/],
    ['endless errors', stagedProblems({ bound: { errors: Infinity, floor: 3 } }), /plan.bound.errors/],
    ['a negative floor', stagedProblems({ bound: { errors: 2, floor: -1 } }), /plan.bound.floor/],
    ['no fixed order', problems({ plan: { kind: 'fixed', orders: 0, prefix: 16 } }), /plan.orders .* it is 0/],
    ['more orders than a round takes', problems({ plan: { kind: 'fixed', orders: 4097, prefix: 16 } }), /plan.orders/],
    ['a fixed plan that reads nothing', problems({ plan: { kind: 'fixed', orders: 1, prefix: 0 } }), /plan.prefix/],
  ];
  for (const [name, found, message] of wrong) {
    it(`is told of ${name}, and of that alone`, () => {
      assert.equal(found.length, 1, found.join('; '));
      assert.match(found[0] ?? '', message);
      assert.match(found[0] ?? '', /^(temperature|top|priors|plan\.[a-zA-Z0-9.]+) /);
    });
  }

  it('is told of a screen that reads further than the rounds after it', () => {
    const found = stagedProblems({ screens: [{ prefix: 16, keep: 2 }], prefix: 8 });
    assert.deepEqual(found, ['plan.screens.0.prefix must be at most plan.prefix (8), it is 16']);
  });

  it('needs a model of two classes', () => {
    assert.match(
      checkRule(rule, { ...shapes, classes: 1 })[0] ?? '',
      /^plan needs a model of at least 2 classes, it has 1$/,
    );
  });

  it('is told of all its problems at once', () => {
    assert.equal(problems({ top: 0, temperature: 0, plan: { kind: 'fixed', orders: 0, prefix: 17 } }).length, 4);
  });
});
