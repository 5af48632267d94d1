import assert from 'node:assert/strict';
import { branch, defocus, type Fault, motionBlur, night, rain } from '../../../src/app/demo/faults.ts';
import { randomOf } from '../../../src/app/demo/random.ts';
import { drawn, type Raster } from '../../../src/app/demo/raster.ts';

const FAULTS: Record<string, Fault> = { motionBlur, defocus, rain, night, branch };
const checks = drawn(40, (x, y) => (((x >> 3) + (y >> 3)) % 2 === 0 ? [230, 40, 40] : [240, 240, 240]));

const difference = (a: Raster, b: Raster) =>
  a.pixels.reduce((total, value, i) => total + Math.abs(value - (b.pixels[i] ?? 0)), 0) / a.pixels.length;
const mean = ({ pixels }: Raster) => pixels.reduce((a, b) => a + b) / pixels.length;

describe('camera faults', () => {
  for (const [name, fault] of Object.entries(FAULTS)) {
    const apply = (severity: number, seed = 1) => fault(checks, severity, randomOf('fault', seed));

    it(`${name} spoils more the worse it is, and leaves its input alone`, () => {
      const before = checks.pixels.slice();
      const [mild, bad] = [difference(apply(0.15), checks), difference(apply(1), checks)];
      assert.ok(bad > mild && bad > 5, `${mild} ${bad}`);
      assert.deepEqual(checks.pixels, before);
    });

    it(`${name} follows from its seed`, () => {
      assert.deepEqual(apply(0.7).pixels, apply(0.7).pixels);
    });

    it(`${name} keeps the size and gives finite values`, () => {
      const spoilt = apply(1);
      assert.equal(spoilt.side, 40);
      assert.equal(spoilt.pixels.length, checks.pixels.length);
      assert.ok(spoilt.pixels.every(Number.isFinite));
    });
  }

  it('blur keeps the brightness, night takes it away', () => {
    const random = () => randomOf('brightness');
    assert.ok(Math.abs(mean(defocus(checks, 1, random())) - mean(checks)) < 5);
    assert.ok(Math.abs(mean(motionBlur(checks, 1, random())) - mean(checks)) < 5);
    assert.ok(mean(night(checks, 1, random())) < 0.4 * mean(checks));
  });
});
