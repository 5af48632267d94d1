import assert from 'node:assert/strict';
import { randomOf } from '../../../src/app/demo/random.ts';

describe('randomOf', () => {
  const first = (...parts: (string | number)[]) => {
    const random = randomOf(...parts);
    return Array.from({ length: 20 }, () => random.next());
  };

  it('gives the same numbers for the same parts, and others for others', () => {
    assert.deepEqual(first('a', 1), first('a', 1));
    assert.notDeepEqual(first('a', 1), first('a', 2));
    assert.notDeepEqual(first('a', '1'), first('a', 1));
    assert.notDeepEqual(first('ab', 'c'), first('a', 'bc'));
  });

  it('keeps to the bounds asked for, and reaches all of them', () => {
    const random = randomOf('bounds');
    const drawn = Array.from({ length: 400 }, () => random.below(3));
    assert.deepEqual(new Set(drawn), new Set([0, 1, 2]));
    for (let i = 0; i < 400; i++) {
      const value = random.between(-2, 5);
      assert.ok(value >= -2 && value < 5);
    }
  });

  it('draws from the standard normal distribution', () => {
    const random = randomOf('normal');
    const drawn = Array.from({ length: 4000 }, () => random.normal());
    const mean = drawn.reduce((a, b) => a + b) / drawn.length;
    const variance = drawn.reduce((total, value) => total + (value - mean) ** 2, 0) / drawn.length;
    assert.ok(Math.abs(mean) < 0.06, String(mean));
    assert.ok(Math.abs(variance - 1) < 0.1, String(variance));
  });
});
