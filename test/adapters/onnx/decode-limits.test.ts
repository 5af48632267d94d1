import assert from 'node:assert/strict';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { decodeImage } from '../../../src/adapters/onnx/decode.ts';
import { BOMB_SIDE, bombs, FOREIGN, gifOfHugeCanvas, pngClaiming, truncated } from '../../support/images.ts';
import { drawn, encoded, FORMATS, raster } from '../../support/images-raster.ts';

const SHAPE = { width: 16, height: 16, fit: 'fill' } as const;

function decode(bytes: Uint8Array, maxPixels = 1 << 20) {
  return decodeImage(bytes, SHAPE, { maxBytes: 1 << 20, maxPixels });
}

describe('decodeImage, of what it must refuse', () => {
  const source = raster(48, 40);
  const files = new Map<string, () => Promise<Uint8Array>>([
    ...FORMATS.map((format) => [format, () => encoded(source, format)] as const),
    ['progressive jpeg', () => drawn(source).jpeg({ progressive: true }).toBuffer()],
    ['interlaced png', () => drawn(source).png({ progressive: true }).toBuffer()],
    ['lossless webp', () => drawn(source).webp({ lossless: true }).toBuffer()],
    ['raw tiff', () => drawn(source).tiff({ compression: 'none' }).toBuffer()],
    ['jpeg in tiff', () => drawn(source).tiff({ compression: 'jpeg' }).toBuffer()],
  ]);

  for (const [name, make] of files) {
    it(`never gives another picture of a truncated ${name}`, async () => {
      const whole = await make();
      const { pixels } = await decode(whole);
      let refused = 0;
      for (let cut = 0; cut < 60; cut++) {
        const part = cut < 45 ? truncated(whole, cut / 45) : whole.slice(0, whole.length - (60 - cut));
        const found = await decode(part).catch(({ code }) => {
          assert.match(code, /^IMAGE_(EMPTY|UNSUPPORTED|CORRUPT)$/);
          refused += 1;
        });
        if (found) assert.deepEqual(Buffer.from(found.pixels), Buffer.from(pixels), `cut ${cut}`);
      }
      assert.ok(refused >= 45, `only ${refused} of 60 were refused`);
    });
  }

  it('refuses a PNG whose data ends before its rows do', async () => {
    const rows = deflateSync(Buffer.alloc(10 * 31));
    await assert.rejects(decode(pngClaiming(10, 20, rows)), { code: 'IMAGE_CORRUPT' });
    await decode(pngClaiming(10, 10, rows));
  });

  it('refuses one pixel more than the limit, not the limit itself', async () => {
    const bytes = await encoded(raster(20, 10), 'png');
    await decode(bytes, 200);
    await assert.rejects(decode(bytes, 199), { code: 'IMAGE_TOO_MANY_PIXELS', message: /20 x 10/ });
  });

  it('refuses a PNG that claims 30,000 x 30,000 pixels', async () => {
    const code = 'IMAGE_TOO_MANY_PIXELS';
    await assert.rejects(decode(pngClaiming(30_000, 30_000)), { code, message: /30000 x 30000/ });
  });

  it('refuses a GIF of a huge canvas', async () => {
    await assert.rejects(decode(gifOfHugeCanvas()), { code: 'IMAGE_TOO_MANY_PIXELS' });
  });

  it('refuses decompression bombs of every format by their header', async () => {
    for (const { name, bytes } of await bombs()) {
      assert.ok(bytes.length < 1 << 18, `${name} has ${bytes.length} bytes`);
      await assert.rejects(decode(bytes), { code: 'IMAGE_TOO_MANY_PIXELS' }, name);
    }
  });

  it('decodes the bombs where so many pixels are allowed', async () => {
    for (const { name, bytes } of await bombs()) {
      const { pixels } = await decode(bytes, BOMB_SIDE ** 2);
      assert.ok(
        pixels.every((value) => value < 8),
        name,
      );
    }
  });

  it('names no more than the first bytes of what is no image', async () => {
    for (const { name, bytes } of FOREIGN) {
      await assert.rejects(decode(bytes), { code: 'IMAGE_UNSUPPORTED' }, name);
    }
  });

  it('keeps libvips from opening anything else', async () => {
    for (const { name, bytes } of FOREIGN)
      await assert.rejects(sharp(bytes).metadata(), /unsupported|corrupt header/, name);
  });

  it('refuses colours that cannot be brought to three channels', async () => {
    const raw = { width: 8, height: 8, channels: 4 } as const;
    const five = sharp(new Uint8Array(256), { raw }).joinChannel(Buffer.alloc(64), { raw: { ...raw, channels: 1 } });
    const bytes = await five.tiff({ compression: 'lzw' }).toBuffer();
    await assert.rejects(decode(bytes), { code: 'IMAGE_CORRUPT' });
  });

  it('says the same of the same bytes each time', async () => {
    const bytes = truncated(await encoded(source, 'avif'), 0.7);
    const messages = new Set<string>();
    for (let time = 0; time < 5; time++) {
      await decode(truncated(await encoded(source, 'webp'), 0.5)).catch(() => undefined);
      await decode(bytes).catch(({ message }) => messages.add(message));
    }
    assert.equal(messages.size, 1);
  });
});
