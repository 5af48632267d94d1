import assert from 'node:assert/strict';
import { enlarge } from '../../../src/adapters/onnx/decode-enlarge.ts';
import { flat, raster } from '../../support/images-raster.ts';

/** A row of greys as RGB pixels. */
const greys = (values: readonly number[]) => Uint8Array.from(values.flatMap((value) => [value, value, value]));

describe('enlarge', () => {
  it('gives pixels of the size already as they are', () => {
    const { pixels } = raster(7, 5);
    assert.deepEqual(enlarge(pixels, { width: 7, height: 5 }, { width: 7, height: 5 }), pixels);
  });

  it('gives the values of Pillow at an edge', () => {
    const pixels = greys([100, 100, 100, 100, 200, 200, 200, 200]);
    const expected = greys([100, 100, 100, 100, 100, 98, 93, 120, 180, 207, 202, 200, 200, 200, 200, 200]);
    assert.deepEqual(enlarge(pixels, { width: 8, height: 1 }, { width: 16, height: 1 }), expected);
    assert.deepEqual(enlarge(pixels, { width: 1, height: 8 }, { width: 1, height: 16 }), expected);
  });

  it('keeps a flat colour flat', () => {
    const { pixels } = flat(3, 2, [17, 130, 255]);
    const found = enlarge(pixels, { width: 3, height: 2 }, { width: 11, height: 32 });
    assert.deepEqual(found, flat(11, 32, [17, 130, 255]).pixels);
  });

  it('stays within 8 bits where the kernel overshoots', () => {
    const found = enlarge(greys([0, 0, 255, 255]), { width: 4, height: 1 }, { width: 12, height: 1 });
    assert.deepEqual([found[3 * 3], found[8 * 3]], [0, 255]);
  });

  it('mirrors what is mirrored', () => {
    const row = [3, 90, 41, 255, 8];
    const size = { width: 5, height: 1 };
    const there = enlarge(greys(row), size, { width: 13, height: 1 });
    const back = enlarge(greys(row.toReversed()), size, { width: 13, height: 1 });
    assert.deepEqual(back.toReversed(), there);
  });

  it('makes an image of one pixel', () => {
    assert.deepEqual(
      enlarge(Uint8Array.of(1, 2, 3), { width: 1, height: 1 }, { width: 9, height: 4 }),
      flat(9, 4, [1, 2, 3]).pixels,
    );
  });
});
