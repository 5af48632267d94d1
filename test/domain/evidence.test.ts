import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { checkEvidence, checkRound, gatherNats, NAT, rowLogLikelihood, toNats } from '../../src/domain/evidence.ts';
import type { Round } from '../../src/domain/types.ts';

const round: Round = { index: 1, firstOrder: 1, orders: 2, prefix: 4, classes: [0, 2, 5] };

describe("a row's log-likelihood", () => {
  it('is the sum over the prefix in units of 2^-12 nat', () => {
    const perToken = Float32Array.of(-9, -1, -0.5, -0.25, -9);
    assert.equal(rowLogLikelihood(perToken, 1, 3), -1.75 * NAT);
  });

  it('rounds to the nearest unit, halves towards positive infinity', () => {
    const units = (value: number) => rowLogLikelihood(Float32Array.of(value / NAT), 0, 1);
    assert.deepEqual([-1.5, -1.25, -0.75, 0.5, 1.5].map(units), [-1, -1, -1, 1, 2]);
    assert.ok(Object.is(units(-0.25), 0), 'no negative zero');
  });

  it('is summed in double precision', () => {
    const perToken = new Float32Array(4096).fill(-0.1);
    assert.equal(rowLogLikelihood(perToken, 0, 4096), Math.round(Math.fround(-0.1) * 4096 * NAT));
  });

  for (const [name, value] of [
    ['NaN', Number.NaN],
    ['negative infinity', -Infinity],
    ['positive infinity', Infinity],
    ['a number beyond 32 bits', -524_289],
  ] as const) {
    it(`is refused when a token gives ${name}`, () => {
      assert.throws(() => rowLogLikelihood(Float32Array.of(-1, value), 0, 2), { code: 'SCORER_NOT_FINITE' });
    });
  }

  it('is refused when the scorer gave fewer tokens than the prefix', () => {
    assert.throws(() => rowLogLikelihood(new Float32Array(7), 4, 4), { code: 'SCORER_NOT_FINITE' });
  });

  it('lies within half a unit of the sum for any tokens', () => {
    const tokens = fc.array(fc.float({ min: -50, max: 0, noNaN: true }), { minLength: 1, maxLength: 64 });
    fc.assert(
      fc.property(tokens, (values) => {
        const exact = values.reduce((sum, value) => sum + value, 0);
        const units = rowLogLikelihood(Float32Array.from(values), 0, values.length);
        assert.ok(Math.abs(toNats(units) - exact) <= 0.5 / NAT);
      }),
    );
  });
});

describe('gathering evidence', () => {
  it('gives the asked classes of all orders, in nats, round after round', () => {
    const first = { round, logLikelihoods: Int32Array.of(0, 1, 2, 3, 4, 5).map((value) => value * NAT) };
    const second = { round: { ...round, orders: 1, classes: [2, 5] }, logLikelihoods: Int32Array.of(NAT / 2, NAT / 4) };
    const rows = gatherNats([first, second], [5, 2]).map((row) => [...row]);
    assert.deepEqual(rows, [
      [2, 1],
      [5, 4],
      [0.25, 0.5],
    ]);
  });

  it('refuses a class that a round did not read', () => {
    assert.throws(() => gatherNats([{ round, logLikelihoods: new Int32Array(6) }], [0, 1]), { code: 'INTERNAL' });
  });
});

describe('a round from a record', () => {
  it('is taken when it fits the model', () => {
    checkRound(round, 6, 16);
    checkRound({ ...round, prefix: 16 }, 6, 16);
  });

  const wrong: [string, Partial<Round>, RegExp][] = [
    ['no orders', { orders: 0 }, /number of orders .* from 1 to 4096, it is 0/],
    ['more orders than any plan reads', { orders: 4097 }, /number of orders .* it is 4097/],
    ['an order beyond 32 bits', { firstOrder: 2 ** 32 - 1 }, /first order/],
    ['an index below zero', { index: -1 }, /index/],
    ['no prefix', { prefix: 0 }, /prefix .* from 1 to 16, it is 0/],
    ['a prefix beyond the grid', { prefix: 17 }, /prefix .* from 1 to 16, it is 17/],
    ['a fractional prefix', { prefix: 1.5 }, /prefix/],
    ['no classes', { classes: [] }, /no classes/],
    ['a class that the model lacks', { classes: [0, 6] }, /class .* from 0 to 5, it is 6/],
    ['a class twice', { classes: [2, 2] }, /class 2 comes after class 2/],
    ['classes that do not ascend', { classes: [2, 0] }, /class 0 comes after class 2/],
  ];
  for (const [name, change, message] of wrong) {
    it(`is refused with ${name}`, () => {
      assert.throws(() => checkRound({ ...round, ...change }, 6, 16), { code: 'RECORD_INVALID', message });
    });
  }
});

describe('evidence from a record', () => {
  it('is taken when it holds one log-likelihood for each order and class', () => {
    checkEvidence({ round, logLikelihoods: new Int32Array(6) }, 6, 16);
  });

  it('is refused when it holds fewer or more', () => {
    for (const length of [0, 5, 7]) {
      const message = `round 1 must hold 6 log-likelihoods, it holds ${length}`;
      const evidence = { round, logLikelihoods: new Int32Array(length) };
      assert.throws(() => checkEvidence(evidence, 6, 16), { code: 'RECORD_INVALID', message });
    }
  });

  it('is refused when its round is', () => {
    const evidence = { round: { ...round, prefix: 99 }, logLikelihoods: new Int32Array(6) };
    assert.throws(() => checkEvidence(evidence, 6, 16), { code: 'RECORD_INVALID' });
  });
});
