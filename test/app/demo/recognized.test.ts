import assert from 'node:assert/strict';
import sharp from 'sharp';
import { recognizedPainter } from '../../../src/app/demo/recognized.ts';

describe('recognizedPainter', () => {
  const seeds: number[] = [];
  const painter = {
    paint: async ({ seed }: { seed: number }) => {
      seeds.push(seed);
      return { pixels: new Uint8Array(12).fill(seed * 10) };
    },
  };
  /** Takes the brightness of a picture for its class. */
  const brightness = async (file: Uint8Array) => (await sharp(file).raw().toBuffer())[0] ?? -1;
  const request = { seed: 1, temperature: 1 };

  beforeEach(() => seeds.splice(0));

  it('gives the first picture that is named by the class it was painted as', async () => {
    const painting = await recognizedPainter(painter, brightness).paint({ ...request, classId: 60 });
    assert.equal(painting?.pixels[0], 60);
    assert.deepEqual(seeds, [4, 5, 6]);
  });

  it('gives up after a few', async () => {
    assert.equal(await recognizedPainter(painter, brightness).paint({ ...request, classId: 200 }), undefined);
    assert.deepEqual(seeds, [4, 5, 6, 7]);
  });

  it('paints other pictures for another seed', async () => {
    await recognizedPainter(painter, brightness).paint({ ...request, seed: 0, classId: 0 });
    assert.deepEqual(seeds, [0]);
  });
});
