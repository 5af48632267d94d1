import assert from 'node:assert/strict';
import { admitImage } from '../../../src/adapters/onnx/decode-format.ts';
import { FOREIGN } from '../../support/images.ts';
import { encoded, FORMATS, raster } from '../../support/images-raster.ts';

describe('admitImage', () => {
  for (const format of FORMATS) {
    it(`knows ${format} by its first bytes`, async () => {
      const bytes = await encoded(raster(8, 8), format);
      assert.equal(admitImage(bytes.subarray(0, 40), 1000), format === 'avif' ? 'heif' : format);
    });
  }

  it('knows a view into a larger buffer by its own bytes', async () => {
    const png = await encoded(raster(8, 8), 'png');
    const padded = new Uint8Array(png.length + 6);
    padded.set(png, 3);
    assert.equal(admitImage(padded.subarray(3, png.length + 3), 10_000), 'png');
  });

  it('knows AVIF by a compatible brand', () => {
    const bytes = Buffer.from('0000001c66747970', 'hex');
    assert.equal(admitImage(Buffer.concat([bytes, Buffer.from('mif1\0\0\0\0miafavif')]), 100), 'heif');
  });

  it('does not take a minor version for a brand', () => {
    const bytes = Buffer.concat([Buffer.from('0000001466747970', 'hex'), Buffer.from('heicavifheic')]);
    assert.throws(() => admitImage(bytes, 100), { code: 'IMAGE_UNSUPPORTED' });
  });

  it('does not look for brands behind the file-type box', () => {
    const bytes = Buffer.concat([Buffer.from('0000001066747970', 'hex'), Buffer.from('heic\0\0\0\0avif')]);
    assert.throws(() => admitImage(bytes, 100), { code: 'IMAGE_UNSUPPORTED' });
  });

  for (const { name, bytes } of FOREIGN) {
    it(`refuses ${name}`, () => {
      assert.throws(() => admitImage(bytes, 1000), { code: 'IMAGE_UNSUPPORTED' });
    });
  }

  it('refuses a file of no bytes, and one of a byte too many', () => {
    assert.throws(() => admitImage(new Uint8Array(), 10), { code: 'IMAGE_EMPTY' });
    const eleven = Buffer.from('GIF89a.....');
    assert.equal(admitImage(eleven, 11), 'gif');
    assert.throws(() => admitImage(eleven, 10), { code: 'IMAGE_TOO_LARGE' });
  });
});
