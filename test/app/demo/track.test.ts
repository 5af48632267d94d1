import assert from 'node:assert/strict';
import sharp from 'sharp';
import { randomOf } from '../../../src/app/demo/random.ts';
import { drawn } from '../../../src/app/demo/raster.ts';
import { scenery } from '../../../src/app/demo/scenery.ts';
import { CAMERA_KINDS, planTrack, takeFrame } from '../../../src/app/demo/track.ts';

const checks = drawn(32, (x, y) => (((x >> 2) + (y >> 2)) % 2 === 0 ? [20, 20, 20] : [235, 235, 235]));
const [clear] = CAMERA_KINDS;
const still = { ...clear, faults: [] };

describe('planTrack', () => {
  const plans = Array.from({ length: 150 }, (_, track) => planTrack('camera-1', track));

  it('has 12 to 20 frames', () => {
    const frames = plans.map((plan) => plan.frames);
    assert.deepEqual([Math.min(...frames), Math.max(...frames)], [12, 20]);
  });

  it('shows no sign once in fifteen tracks', () => {
    assert.equal(plans.filter((plan) => plan.scenery).length, 10);
  });

  it('follows from the camera and the track', () => {
    assert.deepEqual(planTrack('camera-1', 7), plans[7]);
    assert.notDeepEqual(planTrack('camera-2', 7), plans[7]);
  });
});

describe('takeFrame', () => {
  const moment = { camera: 'camera-1', track: 3, frame: 5 };

  it('gives a JPEG file of 80 by 80 pixels, the same bytes each time', async () => {
    for (const kind of CAMERA_KINDS) {
      const file = await takeFrame(checks, moment, kind);
      const { format, width, height } = await sharp(file).metadata();
      assert.deepEqual([format, width, height], ['jpeg', 80, 80]);
      assert.deepEqual(await takeFrame(checks, moment, kind), file);
    }
  });

  it('shows more as the car comes nearer', async () => {
    const contrast = async (frame: number) => {
      const { channels } = await sharp(await takeFrame(checks, { ...moment, frame }, still)).stats();
      return channels[0]?.stdev ?? 0;
    };
    const { frames } = planTrack(moment.camera, moment.track);
    assert.ok((await contrast(frames - 1)) > 1.3 * (await contrast(0)));
  });
});

describe('scenery', () => {
  it('differs by its seed, and is the same for the same', () => {
    const picture = (seed: number) => scenery(randomOf(seed)).pixels;
    assert.deepEqual(picture(1), picture(1));
    assert.notDeepEqual(picture(1), picture(2));
    for (let seed = 0; seed < 20; seed++) assert.ok(picture(seed).every(Number.isFinite));
  });
});
