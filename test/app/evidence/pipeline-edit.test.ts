import assert from 'node:assert/strict';
import { setDecision } from '../../../src/app/evidence/pipeline-edit.ts';

const found = {
  temperature: 2.5,
  plan: {
    kind: 'staged' as const,
    screens: [{ prefix: 8, keep: 4, within: 6 }],
    prefix: 16,
    maxOrders: 2,
    ordersPerRound: 1,
    bound: { errors: 2, floor: 3 },
  },
};

describe('writing a plan into a pipeline file', () => {
  it('replaces plan and temperature, says where they come from, and leaves all else as it is', () => {
    const text = `# The pipeline.
name: tiny
model: m # the model

decision:
  statistic: log-mean-exp
  temperature: 1
  plan: { kind: fixed, orders: 4, prefix: 16 }
`;
    assert.equal(
      setDecision(text, found, ['By hand.', 'In haste.']),
      `# The pipeline.
name: tiny
model: m # the model

decision:
  statistic: log-mean-exp
  temperature: 2.5
  plan:
    # By hand.
    # In haste.
    kind: staged
    screens: [ { prefix: 8, keep: 4, within: 6 } ]
    prefix: 16
    maxOrders: 2
    ordersPerRound: 1
    bound: { errors: 2, floor: 3 }
`,
    );
  });

  it('adds a decision where the file has none', () => {
    assert.match(setDecision('name: a\nmodel: m\n', found, []), /\ndecision:\n {2}temperature: 2.5\n {2}plan:\n/);
  });
});
