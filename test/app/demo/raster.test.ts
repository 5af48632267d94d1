import assert from 'node:assert/strict';
import sharp from 'sharp';
import { at, drawn, encodeJpeg, project, type Raster, rasterOf, shrink } from '../../../src/app/demo/raster.ts';

/** Brightness that grows to the right. */
const ramp = (side: number) => drawn(side, (x) => [(x + 0.5) * (255 / side), 0, 0]);
const reds = (raster: Raster, y: number) =>
  Array.from({ length: raster.side }, (_, x) => Math.round(at(raster, x, y, 0)));

describe('shrink', () => {
  it('takes means over areas, also where they cut through pixels', () => {
    const raster = rasterOf(3, [0, 30, 90].flatMap((red) => [red, 0, 0]).concat(Array<number>(18).fill(0)));
    const [left] = shrink({ side: 3, pixels: raster.pixels.map((_, i) => raster.pixels[i % 9] ?? 0) }, 2).pixels;
    assert.ok(Math.abs((left ?? 0) - (0 + 0.5 * 30) / 1.5) < 1e-4);
  });

  it('keeps the mean brightness', () => {
    const mean = ({ pixels }: Raster) => pixels.reduce((a, b) => a + b) / pixels.length;
    assert.ok(Math.abs(mean(shrink(ramp(32), 7)) - mean(ramp(32))) < 0.01);
  });

  it('leaves a raster that is no larger as it is', () => {
    const raster = ramp(8);
    assert.equal(shrink(raster, 8), raster);
    assert.equal(shrink(raster, 20), raster);
  });
});

describe('project', () => {
  it('gives the same picture back where nothing changes', () => {
    const raster = ramp(8);
    assert.deepEqual(reds(project(raster, 8), 3), reds(raster, 3));
  });

  it('interpolates where it enlarges', () => {
    const enlarged = reds(project(ramp(8), 16), 5);
    assert.deepEqual(
      enlarged,
      enlarged.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(enlarged).size, 16);
  });

  it('moves the picture by a share of its side', () => {
    const moved = project(ramp(8), 8, { dx: 0.25 });
    assert.deepEqual(reds(moved, 0).slice(2), reds(ramp(8), 0).slice(0, 6));
  });

  it('keeps the middle in the middle where it zooms', () => {
    const zoomed = project(ramp(9), 9, { zoom: 2 });
    assert.equal(reds(zoomed, 4)[4], reds(ramp(9), 4)[4]);
    assert.ok((reds(zoomed, 4)[0] ?? 0) > (reds(ramp(9), 4)[0] ?? 0));
  });
});

describe('encodeJpeg', () => {
  it('encodes what can be decoded, with values outside cut off', async () => {
    const file = await encodeJpeg(
      drawn(16, (x) => (x < 8 ? [-500, -500, -500] : [900, 900, 900])),
      95,
    );
    const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
    assert.deepEqual([info.width, info.height, info.channels], [16, 16, 3]);
    assert.ok((data[0] ?? 255) < 10 && (data[45] ?? 0) > 245);
  });
});
