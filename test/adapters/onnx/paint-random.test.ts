import assert from 'node:assert/strict';
import { draw, shuffled, uniformOf } from '../../../src/adapters/onnx/paint-random.ts';

describe('random numbers for painting', () => {
  it('lie in [0, 1), evenly', () => {
    const uniform = uniformOf(1, 2);
    const bins = new Uint32Array(10);
    for (let i = 0; i < 10_000; i++) bins[Math.floor(uniform() * 10)]! += 1;
    assert.ok(
      bins.every((count) => count > 900 && count < 1100),
      bins.join(),
    );
  });

  it('follow from both seeds', () => {
    const first = (seed: number, stream: number) => uniformOf(seed, stream)();
    assert.equal(first(7, 8), first(7, 8));
    assert.equal(new Set([first(7, 8), first(8, 7), first(7, 9), first(2 ** 32 - 1, 8)]).size, 4);
  });

  it('put every place once into a permutation, and not always in one order', () => {
    const uniform = uniformOf(1, 1);
    const places = [shuffled(20, uniform), shuffled(20, uniform)];
    const raster = Array.from({ length: 20 }, (_, place) => place);
    for (const order of places) assert.deepEqual(Array.from(order.toSorted()), raster);
    assert.notDeepEqual(places[0], places[1]);
  });

  it('draw in proportion to the probability', () => {
    const uniform = uniformOf(3, 1);
    const logits = Float32Array.from([0.1, 0.2, 0.7], Math.log);
    const drawn = new Uint32Array(3);
    for (let i = 0; i < 10_000; i++) drawn[draw(logits, 1, uniform)]! += 1;
    for (const [index, share] of [0.1, 0.2, 0.7].entries()) {
      assert.ok(Math.abs((drawn[index] ?? 0) / 10_000 - share) < 0.02, drawn.join());
    }
  });

  it('draw the most probable when the temperature goes to zero, whatever the size of the logits', () => {
    const uniform = uniformOf(3, 1);
    for (let i = 0; i < 20; i++) assert.equal(draw(Float32Array.of(1000, 1001, -1000), 1e-3, uniform), 1);
  });
});
