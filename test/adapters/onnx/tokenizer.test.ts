import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadModel, type Model } from '../../../src/adapters/onnx/model.ts';
import { findOverlay } from '../../../src/adapters/onnx/overlay.ts';
import { openTokenizer } from '../../../src/adapters/onnx/tokenizer.ts';
import { toNats } from '../../../src/domain/evidence.ts';
import type { Tokenizer } from '../../../src/ports/tokenizer.ts';
import { tokenizerContract } from '../../contracts/tokenizer.ts';
import { graphAt } from '../../support/graphs.ts';
import { drawn } from '../../support/images-raster.ts';
import { TINY_MODEL, tinyExamples } from '../../support/tiny.ts';

const LIMITS = { maxBytes: 1 << 20, maxPixels: 1 << 22, timeoutMs: 20_000 };
const MODELS = join(TINY_MODEL, '..');

tokenizerContract('openTokenizer', { positions: 16, codes: 16 }, async (limits) =>
  openTokenizer(await loadModel(TINY_MODEL), limits, { processes: 2 }),
);

for (const name of readdirSync(MODELS)) {
  describe(`openTokenizer with the model ${name}`, () => {
    let model: Model;
    let tokenizer: Tokenizer;
    before(async () => {
      model = await loadModel(join(MODELS, name));
      tokenizer = await openTokenizer(model, LIMITS, { processes: 1 });
    });
    after(() => tokenizer.close());

    it('gives the tokens of the golden images', async () => {
      const { width, height } = model.manifest.image;
      const images: { pixels: string; tokens: number[] }[] = JSON.parse(golden(model)).images;
      assert.ok(images.length > 0);
      for (const { pixels, tokens } of images) {
        const png = await drawn({ width, height, pixels: Buffer.from(pixels, 'base64') })
          .png()
          .toBuffer();
        assert.deepEqual([...(await tokenizer.tokenize(png)).tokens], tokens);
      }
    });
  });
}

describe('openTokenizer', () => {
  let model: Model;
  before(async () => {
    model = await loadModel(TINY_MODEL);
  });

  it('refuses a graph that is no encoder', () => {
    const wrong: Model = { ...model, graph: () => model.graph('decoder.onnx') };
    return assert.rejects(openTokenizer(wrong, LIMITS, { processes: 1 }), { code: 'MODEL_INVALID' });
  });

  it('with a proposer gives a log-posterior of every class, the same whatever came before', async () => {
    const proposer = await findOverlay('proposer', model);
    const tokenizer = await openTokenizer(model, LIMITS, { processes: 1, proposer });
    const [first, second] = await tinyExamples();
    assert.ok(first && second);
    const [before, other, after] = [
      await tokenizer.tokenize(first.bytes),
      await tokenizer.tokenize(second.bytes),
      await tokenizer.tokenize(first.bytes),
    ];
    await tokenizer.close();
    const sum = Array.from(before.proposal ?? [], (units) => Math.exp(toNats(units))).reduce((a, b) => a + b, 0);
    assert.equal(before.proposal?.length, model.manifest.classes.length);
    assert.ok(Math.abs(sum - 1) < 0.001, `posteriors sum to ${sum}`);
    assert.deepEqual(after, before);
    assert.notDeepEqual(other.proposal, before.proposal);
  });

  it('gives no proposal without a proposer', async () => {
    const tokenizer = await openTokenizer(model, LIMITS, { processes: 1 });
    const image = await tokenizer.tokenize((await tinyExamples())[0]?.bytes ?? new Uint8Array());
    await tokenizer.close();
    assert.equal(image.proposal, undefined);
  });

  it('refuses a proposer that is none, or speaks of other classes', async () => {
    const proposer = await findOverlay('proposer', model);
    const wrong = { ...model, manifest: { ...model.manifest, classes: ['a', 'b'] } };
    await assert.rejects(openTokenizer(wrong, LIMITS, { processes: 1, proposer }), {
      code: 'MODEL_INVALID',
      message: /does not propose classes: it does not give 2 numbers/,
    });
    const other = model.graph('encoder.onnx');
    await assert.rejects(openTokenizer(model, LIMITS, { processes: 1, proposer: other }), { code: 'MODEL_INVALID' });
  });

  it('refuses a file that is no graph', () => {
    const wrong: Model = { ...model, graph: () => graphAt(join(TINY_MODEL, 'model.json')) };
    return assert.rejects(openTokenizer(wrong, LIMITS, { processes: 2 }), { code: 'MODEL_INVALID' });
  });

  it('refuses an encoder that does not fit the manifest', async () => {
    const { manifest } = model;
    const misstated = [
      { ...manifest, tokens: { positions: 64, codes: 16 } },
      { ...manifest, tokens: { positions: 16, codes: 1 } },
      { ...manifest, image: { ...manifest.image, width: 17 } },
    ];
    for (const wrong of misstated) {
      const opening = openTokenizer({ ...model, manifest: wrong }, LIMITS, { processes: 1 });
      await assert.rejects(opening, { code: 'MODEL_INVALID', message: /encoder\.onnx/ });
    }
  });
});

function golden(model: Model): string {
  return readFileSync(join(model.folder, 'golden.json'), 'utf8');
}
