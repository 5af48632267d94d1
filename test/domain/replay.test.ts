import assert from 'node:assert/strict';
import { decide } from '../../src/domain/decide.ts';
import { NAT } from '../../src/domain/evidence.ts';
import { readingsOf, replay, replayLabel } from '../../src/domain/replay.ts';
import type { DecisionRule } from '../../src/domain/types.ts';

const rule: DecisionRule = {
  plan: {
    kind: 'staged',
    screens: [{ prefix: 1, keep: 2 }],
    prefix: 2,
    maxOrders: 1,
    ordersPerRound: 1,
    bound: { errors: 2, floor: 3 },
  },
  statistic: 'mean-log-likelihood',
  temperature: 1,
  top: 3,
};

/** Two orders, three classes, two tokens. */
const perToken = Float32Array.of(-1, -5, -2, -1, -3, -1, /* order 1 */ -4, -1, -1, -1, -2, -2);
const readings = readingsOf(perToken, { orders: 2, classes: 3, positions: 2 }, [1, 2]);

describe('the readings of recorded log-likelihoods', () => {
  it('are the sums of the first tokens, in fixed point, by prefix, order and class', () => {
    const nats = [-1, -2, -3, -4, -1, -2, -6, -3, -4, -5, -2, -4];
    assert.deepEqual(
      [...readings.sums],
      nats.map((value) => value * NAT),
    );
  });

  it('refuse a log-likelihood that is no number', () => {
    const broken = Float32Array.of(-1, Number.NaN);
    assert.throws(() => readingsOf(broken, { orders: 1, classes: 1, positions: 2 }, [2]), {
      code: 'SCORER_NOT_FINITE',
    });
  });
});

describe('a replay', () => {
  it('decides as the rounds would that read the same', () => {
    const classes = [0, 1, 2];
    const screen = { index: 0, firstOrder: 0, orders: 1, prefix: 1, classes };
    const full = { index: 1, firstOrder: 1, orders: 1, prefix: 2, classes: [0, 1] };
    const evidence = [
      { round: screen, logLikelihoods: Int32Array.of(-1 * NAT, -2 * NAT, -3 * NAT) },
      { round: full, logLikelihoods: Int32Array.of(-5 * NAT, -2 * NAT) },
    ];
    const expected = decide(rule, 3, evidence);
    assert.equal(expected.kind, 'decision');
    assert.deepEqual({ kind: 'decision', decision: replay(rule, readings).decision }, expected);
  });

  it('says what each round reads', () => {
    assert.deepEqual(replay(rule, readings).rounds, [
      { prefix: 1, rows: 3 },
      { prefix: 2, rows: 2 },
    ]);
  });

  it('for the label alone gives the same label, with the rows and tokens of all rounds', () => {
    const { classId } = replay(rule, readings).decision;
    assert.deepEqual(replayLabel(rule, readings), { label: classId, rows: 5, tokens: 3 * 1 + 2 * 2 });
  });

  it('refuses to read what was not recorded', () => {
    const tooFar: DecisionRule = { ...rule, plan: { kind: 'fixed', orders: 3, prefix: 2 } };
    assert.throws(() => replay(tooFar, readings), { code: 'INTERNAL', message: /order 0 at prefix 2/ });
    const unknown: DecisionRule = { ...rule, plan: { kind: 'fixed', orders: 1, prefix: 3 } };
    assert.throws(() => replay(unknown, readings), { code: 'INTERNAL', message: /prefix 3/ });
  });
});
