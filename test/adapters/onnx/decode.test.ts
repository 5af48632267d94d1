import assert from 'node:assert/strict';
import sharp from 'sharp';
import { decodeImage, type PixelShape } from '../../../src/adapters/onnx/decode.ts';
import {
  animated,
  drawn,
  drawnDeep,
  drawnWithAlpha,
  encoded,
  flat,
  moved,
  pngWithProfile,
  type Raster,
  raster,
} from '../../support/images-raster.ts';

const LIMITS = { maxBytes: 1 << 20, maxPixels: 1 << 20 };

function decode(bytes: Uint8Array, { width, height, fit = 'fill' }: Omit<PixelShape, 'fit'> & Partial<PixelShape>) {
  return decodeImage(bytes, { width, height, fit }, LIMITS);
}

async function assertDecodes(bytes: Uint8Array, expected: Raster, tolerance = 0): Promise<void> {
  const { pixels } = await decode(bytes, expected);
  assert.equal(pixels.length, expected.pixels.length);
  const worst = pixels.reduce((most, value, at) => Math.max(most, Math.abs(value - (expected.pixels[at] ?? 0))), 0);
  assert.ok(worst <= tolerance, `a value is off by ${worst}`);
}

describe('decodeImage', () => {
  describe('of an image that has the shape already', () => {
    const source = raster(32, 32);

    it('passes the pixels of a PNG through', async () => {
      await assertDecodes(await drawn(source).png().toBuffer(), source);
    });
    it('passes the pixels of an interlaced PNG through', async () => {
      await assertDecodes(await drawn(source).png({ progressive: true }).toBuffer(), source);
    });
    it('passes the pixels of a lossless WebP through', async () => {
      await assertDecodes(await drawn(source).webp({ lossless: true }).toBuffer(), source);
    });
    it('passes the pixels of a TIFF through', async () => {
      await assertDecodes(await drawn(source).tiff({ compression: 'lzw' }).toBuffer(), source);
    });
    it('passes pixels through when opaque alpha comes with them', async () => {
      await assertDecodes(
        await drawnWithAlpha(source, () => 255)
          .png()
          .toBuffer(),
        source,
      );
    });
    it('passes pixels through when they are to be cropped', async () => {
      const { pixels } = await decode(await encoded(source, 'png'), { width: 32, height: 32, fit: 'cover' });
      assert.deepEqual(Buffer.from(pixels), Buffer.from(source.pixels));
    });
    it('comes close to a JPEG, an AVIF and a GIF', async () => {
      const calm = flat(32, 32, [200, 60, 30]);
      await assertDecodes(await encoded(calm, 'jpeg'), calm, 2);
      await assertDecodes(await encoded(calm, 'avif'), calm, 3);
      await assertDecodes(await encoded(calm, 'gif'), calm, 2);
    });
  });

  describe('turns an image upright by its EXIF orientation', () => {
    const [w, h] = [5, 3];
    const stored = raster(w, h);
    const upright: Record<number, Raster> = {
      1: stored,
      2: moved(stored, w, h, (x, y) => [w - 1 - x, y]),
      3: moved(stored, w, h, (x, y) => [w - 1 - x, h - 1 - y]),
      4: moved(stored, w, h, (x, y) => [x, h - 1 - y]),
      5: moved(stored, h, w, (x, y) => [y, x]),
      6: moved(stored, h, w, (x, y) => [y, h - 1 - x]),
      7: moved(stored, h, w, (x, y) => [w - 1 - y, h - 1 - x]),
      8: moved(stored, h, w, (x, y) => [w - 1 - y, x]),
    };
    for (const [orientation, expected] of Object.entries(upright)) {
      it(`number ${orientation}`, async () => {
        const tagged = drawn(stored).withMetadata({ orientation: Number(orientation) });
        const png = await tagged.clone().png().toBuffer();
        await assertDecodes(png, expected);
        await assertDecodes(await tagged.clone().webp({ lossless: true }).toBuffer(), expected);
        const { width, height } = await decode(png, expected);
        assert.deepEqual([width, height], [expected.width, expected.height]);
      });
    }
  });

  describe('brings colours to 8-bit sRGB', () => {
    const source = raster(16, 16);
    const grey = moved(source, 16, 16, (x, y) => [x, y]);
    grey.pixels = grey.pixels.map((_, at, all) => all[at - (at % 3)] ?? 0);
    const channel = grey.pixels.filter((_, at) => at % 3 === 0);
    const raw = { width: 16, height: 16, channels: 1 } as const;

    it('from grey', async () => {
      await assertDecodes(await sharp(channel, { raw }).toColourspace('b-w').png().toBuffer(), grey);
    });
    it('from grey with alpha', async () => {
      const pairs = Uint8Array.from({ length: 512 }, (_, at) => (at % 2 ? 255 : (channel[at / 2] ?? 0)));
      const image = sharp(pairs, { raw: { ...raw, channels: 2 } }).toColourspace('b-w');
      await assertDecodes(await image.png().toBuffer(), grey);
    });
    it('from 16-bit grey', async () => {
      const deep = Uint16Array.from(channel, (value) => value * 257);
      await assertDecodes(await sharp(deep, { raw }).toColourspace('grey16').png().toBuffer(), grey);
    });
    it('from 16 bits', async () => {
      await assertDecodes(await drawnDeep(source).png().toBuffer(), source);
      await assertDecodes(await drawnDeep(source).tiff({ compression: 'lzw' }).toBuffer(), source);
    });
    it('from one bit', async () => {
      const halves = channel.map((value) => (value < 128 ? 0 : 255));
      const image = sharp(halves, { raw }).toColourspace('b-w').tiff({ bitdepth: 1 });
      const expected = { ...grey, pixels: grey.pixels.map((value) => (value < 128 ? 0 : 255)) };
      await assertDecodes(await image.toBuffer(), expected);
    });
    it('from a palette', async () => {
      const two = moved(flat(2, 1, [10, 20, 30]), 16, 16, () => [0, 0]);
      two.pixels.set([250, 240, 230], 300);
      await assertDecodes(await drawn(two).png({ palette: true, colours: 2, dither: 0 }).toBuffer(), two, 1);
    });
    it('from Lab', async () => {
      const calm = flat(16, 16, [200, 60, 30]);
      await assertDecodes(await drawn(calm).toColourspace('lab').tiff({ compression: 'lzw' }).toBuffer(), calm, 1);
    });
    it('from CMYK without a profile', async () => {
      const calm = flat(16, 16, [130, 120, 110]);
      await assertDecodes(await drawn(calm).toColourspace('cmyk').jpeg().toBuffer(), calm, 12);
      await assertDecodes(await drawn(calm).toColourspace('cmyk').tiff({ compression: 'lzw' }).toBuffer(), calm, 12);
    });
    it('from CMYK with a profile', async () => {
      const calm = flat(16, 16, [130, 120, 110]);
      await assertDecodes(await drawn(calm).withIccProfile('cmyk').jpeg().toBuffer(), calm, 12);
    });
    it('from Display P3, whose numbers differ', async () => {
      const calm = flat(16, 16, [200, 60, 30]);
      const tagged = await drawn(calm).withIccProfile('p3').png().toBuffer();
      const stored = await sharp(tagged, { ignoreIcc: true }).raw().toBuffer();
      assert.ok((stored[0] ?? 0) < 190, 'the file must not hold sRGB numbers');
      await assertDecodes(tagged, calm, 2);
    });
    it('from 16-bit Display P3 as from 8-bit', async () => {
      const calm = flat(16, 16, [180, 70, 40]);
      const profile = await displayP3();
      const eight = await decode(pngWithProfile(await drawn(calm).png().toBuffer(), profile), calm);
      const sixteen = await decode(pngWithProfile(await drawnDeep(calm).png().toBuffer(), profile), calm);
      assert.ok((eight.pixels[0] ?? 0) > 185, 'the profile must change the numbers');
      sixteen.pixels.forEach((value, at) => assert.ok(Math.abs(value - (eight.pixels[at] ?? 0)) <= 2));
    });
  });

  describe('of an image with transparency', () => {
    it('shows mid-grey through it', async () => {
      const source = raster(8, 8);
      await assertDecodes(
        await drawnWithAlpha(source, () => 0)
          .png()
          .toBuffer(),
        flat(8, 8, [128, 128, 128]),
      );
    });
    it('mixes colours by alpha', async () => {
      const half = await drawnWithAlpha(flat(8, 8, [228, 128, 28]), () => 128)
        .png()
        .toBuffer();
      await assertDecodes(half, flat(8, 8, [178, 128, 78]), 1);
    });
  });

  describe('of an image of another shape', () => {
    it('stretches it to fill', async () => {
      const stripes = moved(flat(60, 20, [255, 0, 0]), 60, 20, () => [0, 0]);
      for (let y = 0; y < 20; y++) stripes.pixels.fill(0, (y * 60 + 30) * 3, (y * 60 + 60) * 3);
      const { pixels } = await decode(await encoded(stripes, 'png'), { width: 20, height: 20 });
      assert.deepEqual([pixels[0], pixels[19 * 3]], [255, 0]);
    });
    it('crops it to the centre to cover', async () => {
      const source = raster(30, 10);
      const { pixels } = await decode(await encoded(source, 'png'), { width: 10, height: 10, fit: 'cover' });
      const centre = moved(source, 10, 10, (x, y) => [x + 10, y]);
      assert.deepEqual(Buffer.from(pixels), Buffer.from(centre.pixels));
    });
    it('keeps a flat colour flat, up and down', async () => {
      const calm = flat(100, 70, [90, 130, 200]);
      const bytes = await encoded(calm, 'png');
      await assertDecodes(bytes, flat(16, 16, [90, 130, 200]));
      await assertDecodes(bytes, flat(200, 200, [90, 130, 200]));
    });
    it('makes it smaller with the Catmull-Rom kernel', async () => {
      const { pixels } = await decode(await encoded(edge(8, 8), 'png'), { width: 5, height: 8 });
      // Computed with Pillow's BICUBIC.
      assert.deepEqual(redOf(pixels).slice(0, 5), Uint8Array.of(100, 95, 150, 205, 200));
    });
    it('makes it larger in one direction and smaller in the other', async () => {
      const { pixels } = await decode(await encoded(edge(8, 8), 'png'), { width: 16, height: 4 });
      const row = [100, 100, 100, 100, 100, 98, 93, 120, 180, 207, 202, 200, 200, 200, 200, 200];
      assert.deepEqual([...redOf(pixels)], [...row, ...row, ...row, ...row]);
    });
    it('crops before it makes larger to cover', async () => {
      const wide = moved(edge(8, 8), 20, 8, (x, y) => [Math.min(Math.max(x - 6, 0), 7), y]);
      const cropped = await decode(await encoded(wide, 'png'), { width: 16, height: 16, fit: 'cover' });
      const stretched = await decode(await encoded(edge(8, 8), 'png'), { width: 16, height: 16 });
      assert.deepEqual(Buffer.from(cropped.pixels), Buffer.from(stretched.pixels));
      const sliver = await decode(await encoded(edge(8, 1), 'png'), { width: 4, height: 32, fit: 'cover' });
      assert.equal(sliver.pixels.length, 4 * 32 * 3);
    });
    it('averages where it makes smaller', async () => {
      const checks = flat(32, 32, [100, 100, 100]);
      checks.pixels.forEach(
        (_, at) => (Math.floor(at / 3) + Math.floor(at / 96)) % 2 && checks.pixels.fill(200, at, at + 1),
      );
      await assertDecodes(await encoded(checks, 'png'), flat(16, 16, [150, 150, 150]), 2);
    });
    it('tells the size of the file, not of the pixels', async () => {
      const { format, width, height } = await decode(await encoded(raster(30, 10), 'webp'), { width: 8, height: 8 });
      assert.deepEqual([format, width, height], ['webp', 30, 10]);
    });
  });

  describe('of a file of several frames', () => {
    for (const format of ['gif', 'webp'] as const) {
      it(`takes the first of ${format}`, async () => {
        const source = flat(16, 48, [200, 60, 30]);
        source.pixels.fill(0, 16 * 16 * 3);
        await assertDecodes(await animated(source, 3, format), flat(16, 16, [200, 60, 30]));
      });
    }
  });
});

/** Dark on the left, bright on the right. */
function edge(width: number, height: number): Raster {
  return moved({ width: 2, height: 1, pixels: Uint8Array.of(100, 100, 100, 200, 200, 200) }, width, height, (x) => [
    x < width / 2 ? 0 : 1,
    0,
  ]);
}

function redOf(pixels: Uint8Array): Uint8Array {
  return pixels.filter((_, at) => at % 3 === 0);
}

async function displayP3(): Promise<Buffer> {
  const tagged = await drawn(flat(1, 1, [0, 0, 0]))
    .withIccProfile('p3')
    .png()
    .toBuffer();
  const { icc } = await sharp(tagged).metadata();
  assert.ok(icc);
  return icc;
}
