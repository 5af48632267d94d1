import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { NAT } from '../../src/domain/evidence.ts';
import { logSumExp, marginalize, softmax } from '../../src/domain/statistics.ts';
import type { Statistic } from '../../src/domain/types.ts';

const STATISTICS = ['mean-log-likelihood', 'mean-posterior', 'log-mean-exp'] as const satisfies Statistic[];
const statistic = fc.constantFrom(...STATISTICS);
const temperature = fc.double({ min: 0.25, max: 4, noNaN: true });

/** 1 to 6 orders of 1 to 5 classes, fixed-point nats from -120 to -80, and priors. */
const problem = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 })).chain(([orders, classes]) =>
  fc.record({
    rows: fc.array(
      fc
        .array(fc.integer({ min: -120 * NAT, max: -80 * NAT }), { minLength: classes, maxLength: classes })
        .map((units) => Float64Array.from(units, (value) => value / NAT)),
      { minLength: orders, maxLength: orders },
    ),
    weights: fc.array(fc.integer({ min: 1, max: 100 }), { minLength: classes, maxLength: classes }),
  }),
);

function priorsOf(weights: number[]): Float64Array {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return Float64Array.from(weights, (weight) => weight / sum);
}

function close(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)), `${actual} is not ${expected}`);
}

function closeAll(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) close(actual[i]!, expected[i]!);
}

/** The definitions as they are written, for numbers that do not overflow. */
function naivePosteriors(name: Statistic, rows: Float64Array[], priors: Float64Array, tau: number): Float64Array {
  const weigh = (values: number[]) => {
    const joint = values.map((value, c) => priors[c]! * value);
    const sum = joint.reduce((total, value) => total + value, 0);
    return joint.map((value) => value / sum);
  };
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const columns = [...priors].map((_, c) => rows.map((row) => row[c]! / tau));
  if (name === 'mean-log-likelihood') return Float64Array.from(weigh(columns.map((column) => Math.exp(mean(column)))));
  if (name === 'log-mean-exp') return Float64Array.from(weigh(columns.map((column) => mean(column.map(Math.exp)))));
  const each = rows.map((row) => weigh([...row].map((nats) => Math.exp(nats / tau))));
  return priors.map((_, c) => mean(each.map((posteriors) => posteriors[c]!)));
}

describe('the statistics over orders', () => {
  it('give the figures worked by hand for two orders of two classes', () => {
    const rows = [Float64Array.of(Math.log(0.5), Math.log(0.25)), Float64Array.of(Math.log(0.125), Math.log(0.5))];
    const logPriors = Float64Array.of(Math.log(0.5), Math.log(0.5));
    const posterior = (name: Statistic) => marginalize(name, rows, logPriors, 1).posteriors[0]!;
    // Geometric means 1/4 and 1/sqrt(8); means 5/16 and 6/16; posteriors 2/3 and 1/5.
    close(posterior('mean-log-likelihood'), 1 / (1 + Math.SQRT2));
    close(posterior('log-mean-exp'), 5 / 11);
    close(posterior('mean-posterior'), 13 / 30);
    close(marginalize('log-mean-exp', rows, logPriors, 1).logEvidence, Math.log(11 / 32));
    close(marginalize('mean-posterior', rows, logPriors, 1).logEvidence, (Math.log(3 / 8) + Math.log(5 / 16)) / 2);
  });

  it('agree with their definitions', () => {
    fc.assert(
      fc.property(statistic, problem, temperature, (name, { rows, weights }, tau) => {
        const priors = priorsOf(weights);
        const shifted = rows.map((row) => row.map((nats) => nats + 100));
        const { posteriors } = marginalize(name, shifted, priors.map(Math.log), tau);
        closeAll(posteriors, naivePosteriors(name, shifted, priors, tau));
      }),
    );
  });

  it('tie posteriors, scores and evidence together by Bayes', () => {
    fc.assert(
      fc.property(statistic, problem, temperature, (name, { rows, weights }, tau) => {
        const logPriors = priorsOf(weights).map(Math.log);
        const { posteriors, scores, logEvidence } = marginalize(name, rows, logPriors, tau);
        close(
          posteriors.reduce((sum, posterior) => sum + posterior, 0),
          1,
        );
        closeAll(
          posteriors,
          scores.map((score, c) => Math.exp(logPriors[c]! + score - logEvidence)),
        );
      }),
    );
  });

  it('do not depend on the order of the orders', () => {
    fc.assert(
      fc.property(statistic, problem, (name, { rows, weights }) => {
        const logPriors = priorsOf(weights).map(Math.log);
        const forth = marginalize(name, rows, logPriors, 1);
        const back = marginalize(name, rows.toReversed(), logPriors, 1);
        if (name === 'mean-log-likelihood') assert.deepEqual(back, forth, 'sums in fixed point are exact');
        closeAll(back.scores, forth.scores);
        closeAll(back.posteriors, forth.posteriors);
      }),
    );
  });

  it('all give the likelihoods themselves for one order', () => {
    fc.assert(
      fc.property(statistic, problem, temperature, (name, { rows, weights }, tau) => {
        const row = rows[0]!;
        const { scores } = marginalize(name, [row], priorsOf(weights).map(Math.log), tau);
        closeAll(
          scores,
          row.map((nats) => nats / tau),
        );
      }),
    );
  });

  it('move scores and evidence, but no posterior, when all likelihoods move together', () => {
    fc.assert(
      fc.property(statistic, problem, (name, { rows, weights }) => {
        const logPriors = priorsOf(weights).map(Math.log);
        const base = marginalize(name, rows, logPriors, 1);
        const moved = marginalize(
          name,
          rows.map((row) => row.map((nats) => nats - 1e5)),
          logPriors,
          1,
        );
        const slack = (actual: number, expected: number) => assert.ok(Math.abs(actual - expected) < 1e-7);
        base.posteriors.forEach((posterior, c) => slack(moved.posteriors[c]!, posterior));
        slack(moved.logEvidence, base.logEvidence - 1e5);
      }),
    );
  });

  it('stay finite where likelihoods underflow', () => {
    const rows = [Float64Array.of(-5000, -9000), Float64Array.of(-9000, -5001)];
    const under = (name: Statistic) => marginalize(name, rows, new Float64Array(2).fill(Math.log(0.5)), 1);
    assert.deepEqual([...under('mean-log-likelihood').scores], [-7000, -7000.5]);
    close(under('log-mean-exp').posteriors[0]!, 1 / (1 + Math.exp(-1)));
    closeAll(under('mean-posterior').posteriors, [0.5, 0.5]);
    for (const { logEvidence, scores } of STATISTICS.map(under)) {
      assert.ok([logEvidence, ...scores].every(Number.isFinite));
    }
  });

  it('give a class of prior 0 the posterior 0', () => {
    const rows = [Float64Array.of(-1, -2, -30)];
    for (const name of STATISTICS) {
      const { posteriors, logEvidence } = marginalize(name, rows, Float64Array.of(-Infinity, 0, -Infinity), 1);
      assert.deepEqual([...posteriors], [0, 1, 0]);
      close(logEvidence, -2);
    }
  });
});

describe('log-sum-exp and softmax', () => {
  it('neither overflow nor underflow', () => {
    close(logSumExp([1000, 1000]), 1000 + Math.LN2);
    close(logSumExp([-1000, -1000, -Infinity]), -1000 + Math.LN2);
    assert.deepEqual([...softmax(Float64Array.of(1e6, 0, 1e6))], [0.5, 0, 0.5]);
  });

  it('of nothing at all are negative infinity and nothing', () => {
    assert.equal(logSumExp([]), -Infinity);
    assert.equal(logSumExp([-Infinity, -Infinity]), -Infinity);
    assert.equal(softmax(new Float64Array()).length, 0);
  });
});
