import assert from 'node:assert/strict';
import { lit } from '../../../src/adapters/onnx/paint-light.ts';
import { uniformOf } from '../../../src/adapters/onnx/paint-random.ts';

describe('light on a decoded image', () => {
  const image = Float32Array.of(-1, -0.5, 0, 0.5, 1);

  it('keeps the order of the values and cuts none off', () => {
    for (let seed = 0; seed < 50; seed++) {
      const pixels = lit(image, uniformOf(seed, 0));
      assert.deepEqual(pixels, pixels.toSorted());
      assert.equal(new Set(pixels).size, image.length);
    }
  });

  it('differs in level and contrast', () => {
    const all = Array.from({ length: 50 }, (_, seed) => lit(image, uniformOf(seed, 0)));
    const spread = (values: number[]) => Math.max(...values) - Math.min(...values);
    assert.ok(spread(all.map((pixels) => pixels[2] ?? 0)) > 40);
    assert.ok(spread(all.map((pixels) => (pixels[4] ?? 0) - (pixels[0] ?? 0))) > 40);
  });
});
