import assert from 'node:assert/strict';
import sharp from 'sharp';
import { variedImage } from '../../../src/app/verify/images.ts';

const GREY = { width: 20, height: 10, pixels: new Uint8Array(600).fill(128) };
const WHITE = { width: 8, height: 8, pixels: new Uint8Array(192).fill(255) };

describe('variedImage', () => {
  it('gives the same image for the same index and seed', async () => {
    assert.deepEqual(await variedImage([GREY, WHITE], 1, 5), await variedImage([GREY, WHITE], 1, 5));
  });

  it('gives a different image for each index and each seed', async () => {
    const images = await Promise.all(
      [1, 2].flatMap((seed) => Array.from({ length: 50 }, (_, index) => variedImage([GREY, WHITE], seed, index))),
    );
    assert.equal(new Set(images.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).size, 100);
    assert.equal(new Set(images.map(({ id }) => id)).size, 50);
  });

  it('changes some bytes of a picture and leaves the rest and the picture itself', async () => {
    const { bytes } = await variedImage([GREY, WHITE], 1, 2);
    const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    assert.deepEqual([info.width, info.height, info.channels], [20, 10, 3]);
    const changed = data.filter((byte) => byte !== 128).length;
    assert.ok(changed > 0 && changed <= 32);
    assert.ok(GREY.pixels.every((byte) => byte === 128));
  });
});
