import assert from 'node:assert/strict';
import { calibrate, compare } from '../../../src/app/evidence/calibrate.ts';
import { type LabelledReadings, measure } from '../../../src/domain/plan-search.ts';
import { readingsOf } from '../../../src/domain/replay.ts';
import type { DecisionRule } from '../../../src/domain/types.ts';

const SHAPE = { orders: 2, classes: 2, positions: 4 };
const PREFIXES = [2, 4];
const rule: DecisionRule = {
  plan: { kind: 'fixed', orders: 2, prefix: 4 },
  statistic: 'mean-log-likelihood',
  temperature: 1,
  top: 1,
};

/** An image whose class 1 is so many nats ahead of class 0 on every order. */
function image(label: number, ahead: number, track: number): LabelledReadings {
  const each = ahead / SHAPE.positions;
  const perToken = Float32Array.from({ length: 16 }, (_, at) => -50 + (Math.floor(at / 4) % 2 === 1 ? each : 0));
  return { readings: readingsOf(perToken, SHAPE, PREFIXES), label, track: String(track) };
}

/** Some of class 1 just ahead of it, and those of class 0 far, of which some look like class 1. */
const images = [
  ...Array.from({ length: 10 }, (_, at) => image(1, 4, at)),
  ...Array.from({ length: 10 }, (_, at) => image(0, at < 3 ? 30 : -30, 10 + at)),
];

describe('calibrating', () => {
  it('reports what the plan does at the temperature that it comes with', () => {
    const uneven = { ...rule, priors: [0.9, 0.1] };
    const found = calibrate(images, uneven, 0.2);
    assert.ok(found && found.temperature > 2, 'sure mistakes ask for a high temperature');
    const compared = compare(images, uneven, found);
    const run = measure(images, { ...uneven, temperature: found.temperature }, found.plan);
    assert.equal(compared.staged.accuracy.mean, run.accuracy);
    assert.notEqual(run.accuracy, measure(images, uneven, found.plan).accuracy, 'the temperature moves labels');
  });

  it('loses no more than it may at that temperature', () => {
    for (const loss of [0, 0.1, 0.5]) {
      const uneven = { ...rule, priors: [0.9, 0.1] };
      const found = calibrate(images, uneven, loss);
      assert.ok(found);
      const ruled = { ...uneven, temperature: found.temperature };
      const whole = measure(images, ruled, { kind: 'fixed', orders: 2, prefix: 4 }).right;
      assert.ok(measure(images, ruled, found.plan, whole).lost <= loss);
    }
  });

  it('has intervals of some width though no image differs and none is wrong', () => {
    const plain = Array.from({ length: 30 }, (_, at) => image(at % 2, at % 2 ? 9 : -9, at));
    const found = calibrate(plain, rule, 0);
    assert.ok(found);
    const { staged, difference } = compare(plain, rule, found);
    assert.deepEqual(staged.accuracy, { mean: 1, interval: [0.9, 1] });
    assert.deepEqual(difference, { mean: 0, interval: [-0.1, 0.1] });
  });
});
