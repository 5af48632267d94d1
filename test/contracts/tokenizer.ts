import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { ERRORS, isErrorCode } from '../../src/errors.ts';
import type { ImageLimits, TokenizedImage, Tokenizer } from '../../src/ports/tokenizer.ts';
import { badImages, bombs, FOREIGN, truncated } from '../support/images.ts';
import { encoded, FORMATS, raster } from '../support/images-raster.ts';

/** The model behind the tokenizer. */
export interface TokenizerSubject {
  positions: number;
  codes: number;
}

const LIMITS: ImageLimits = { maxBytes: 1 << 20, maxPixels: 1 << 22, timeoutMs: 20_000 };

/** What ports/tokenizer.ts promises. `open` opens a tokenizer that works on at least two images side by side. */
export function tokenizerContract(
  name: string,
  subject: TokenizerSubject,
  open: (limits: ImageLimits) => Promise<Tokenizer>,
): void {
  describe(`${name} as a Tokenizer`, () => {
    let tokenizer: Tokenizer;
    before(async () => {
      tokenizer = await open(LIMITS);
    });
    after(() => tokenizer.close());

    for (const format of FORMATS) {
      it(`gives tokens, the digest and the size of a ${format} file`, async () => {
        const bytes = await encoded(raster(50, 40), format);
        const { tokens, digest, width, height } = await tokenizer.tokenize(bytes);
        assert.equal(tokens.length, subject.positions);
        assert.ok(tokens.every((token) => token < subject.codes));
        assert.equal(Buffer.from(digest).toString('hex'), createHash('sha256').update(bytes).digest('hex'));
        assert.deepEqual([width, height], [50, 40]);
      });
    }

    it('gives the same bytes the same tokens, whatever is tokenized beside them', async () => {
      const files = await Promise.all(Array.from({ length: 30 }, (_, seed) => encoded(raster(40, 30, seed), 'png')));
      const alone: TokenizedImage[] = [];
      for (const file of files) alone.push(await tokenizer.tokenize(file));
      const together = await Promise.all(files.toReversed().map((file) => tokenizer.tokenize(file)));
      assert.deepEqual(together.toReversed(), alone);
      assert.ok(new Set(alone.map(({ tokens }) => tokens.join())).size > 20, 'the images must differ in tokens');
    });

    it('does not change the bytes it is given', async () => {
      const bytes = await encoded(raster(40, 30), 'jpeg');
      const copy = bytes.slice();
      await tokenizer.tokenize(bytes);
      assert.deepEqual(bytes, copy);
    });

    it('takes a view into a larger buffer', async () => {
      const bytes = await encoded(raster(40, 30), 'jpeg');
      const padded = new Uint8Array(bytes.length + 20).fill(7);
      padded.set(bytes, 10);
      const view = padded.subarray(10, 10 + bytes.length);
      assert.deepEqual(await tokenizer.tokenize(view), await tokenizer.tokenize(bytes));
    });

    it('refuses an empty file', () => assert.rejects(tokenizer.tokenize(new Uint8Array()), { code: 'IMAGE_EMPTY' }));

    it('refuses a file of too many bytes', () =>
      assert.rejects(tokenizer.tokenize(new Uint8Array(LIMITS.maxBytes + 1)), { code: 'IMAGE_TOO_LARGE' }));

    it('refuses what is no image', async () => {
      for (const { name: kind, bytes } of FOREIGN) {
        await assert.rejects(tokenizer.tokenize(bytes), { code: 'IMAGE_UNSUPPORTED' }, kind);
      }
    });

    it('refuses a truncated file', async () => {
      for (const format of FORMATS) {
        const bytes = truncated(await encoded(raster(50, 40), format), 0.6);
        await assert.rejects(tokenizer.tokenize(bytes), { code: 'IMAGE_CORRUPT' }, format);
      }
    });

    it('refuses decompression bombs', async () => {
      for (const { name: kind, bytes } of await bombs()) {
        await assert.rejects(tokenizer.tokenize(bytes), { code: 'IMAGE_TOO_MANY_PIXELS' }, kind);
      }
    });

    it('gives an image up that takes too long, and only that one', async () => {
      const hasty = await open({ ...LIMITS, maxPixels: 1 << 24, timeoutMs: 1 });
      const [slow] = (await bombs()).filter(({ format }) => format === 'avif');
      await assert.rejects(hasty.tokenize(slow?.bytes ?? new Uint8Array()), { code: 'IMAGE_TIMEOUT' });
      await assert.rejects(hasty.tokenize(Buffer.from('no image')), { code: 'IMAGE_UNSUPPORTED' });
      await hasty.close();
    });

    it('refuses damaged files with a code of their own and goes on as before', async () => {
      const good = await encoded(raster(50, 40), 'png');
      const expected = await tokenizer.tokenize(good);
      const results = await Promise.allSettled((await badImages(7, 300)).map(({ bytes }) => tokenizer.tokenize(bytes)));
      const codes = results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason.code)] : []));
      for (const code of codes)
        assert.ok(isErrorCode(code) && ERRORS[code].follows === 'dead letter' && code.startsWith('IMAGE_'));
      assert.ok(codes.length > 200, `only ${codes.length} were refused`);
      assert.deepEqual(await tokenizer.tokenize(good), expected);
    });

    it('refuses the same bytes with the same words each time', async () => {
      const files = await badImages(11, 60);
      const words = (bytes: Uint8Array) => tokenizer.tokenize(bytes).then(({ tokens }) => tokens.join(), String);
      const first = await Promise.all(files.map(({ bytes }) => words(bytes)));
      const again = await Promise.all(files.toReversed().map(({ bytes }) => words(bytes)));
      assert.deepEqual(again.toReversed(), first);
    });

    it('is STOPPED once it was closed, for what is in work too', async () => {
      const brief = await open(LIMITS);
      const bytes = await encoded(raster(50, 40), 'png');
      const pending = Array.from({ length: 50 }, () => brief.tokenize(bytes));
      const settled = Promise.allSettled(pending);
      await brief.close();
      const last = (await settled).at(-1);
      assert.ok(last?.status === 'rejected');
      assert.equal(last.reason.code, 'STOPPED');
      await assert.rejects(brief.tokenize(bytes), { code: 'STOPPED' });
      await brief.close();
    });
  });
}
