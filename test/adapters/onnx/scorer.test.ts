import assert from 'node:assert/strict';
import { loadModel, type Model } from '../../../src/adapters/onnx/model.ts';
import { openOnnxScorer } from '../../../src/adapters/onnx/scorer.ts';
import { profileFingerprint } from '../../../src/ports/profile.ts';
import { graphAt } from '../../support/graphs.ts';
import { scorerContract, subjectOf } from '../../contracts/scorer.ts';

const TINY = 'models/tiny';
const OPTIONS = { workers: 2, tileRows: 8, provider: 'cpu' } as const;

scorerContract('onnxruntime on the CPU', subjectOf(TINY), async () => openOnnxScorer(await loadModel(TINY), OPTIONS));

describe('openOnnxScorer', () => {
  let model: Model;
  before(async () => {
    model = await loadModel(TINY);
  });

  it('names in its profile all that the numbers rest on', async () => {
    const scorer = await openOnnxScorer(model, OPTIONS);
    await scorer.close();
    const { runtime, cpu, instructions, ...rest } = scorer.profile;
    assert.match(runtime, /^onnxruntime-node \d+\.\d+\.\d+$/);
    assert.match(cpu, new RegExp(` ${process.arch}$`));
    assert.equal(instructions !== undefined, process.platform === 'linux');
    assert.deepEqual(rest, {
      modelDigest: model.digestHex,
      precision: 'fp32',
      provider: 'cpu',
      threads: 1,
      tileRows: 8,
    });
  });

  it('has another profile when its tiles have another number of rows', async () => {
    const scorers = [await openOnnxScorer(model, OPTIONS), await openOnnxScorer(model, { ...OPTIONS, tileRows: 4 })];
    for (const scorer of scorers) await scorer.close();
    const fingerprints = scorers.map(({ profile }) => profileFingerprint(profile));
    assert.notEqual(fingerprints[0], fingerprints[1]);
  });

  it('fails a tile with a class that the model does not have, and goes on with the next', async () => {
    const scorer = await openOnnxScorer(model, { ...OPTIONS, workers: 1, tileRows: 1 });
    try {
      const tile = (classId: number) => ({
        rows: 1,
        prefix: 1,
        tokens: new Int32Array(16),
        orders: new Int32Array(1),
        classes: Int32Array.of(classId),
      });
      await assert.rejects(scorer.score(tile(1000)), { code: 'SCORER_FAILED' });
      assert.equal((await scorer.score(tile(0))).length, 1);
    } finally {
      await scorer.close();
    }
  });

  it('refuses a graph that is none, saying which', async () => {
    const broken = { ...model, graph: () => graphAt('package.json') };
    await assert.rejects(openOnnxScorer(broken, OPTIONS), { code: 'MODEL_INVALID', message: /package\.json/ });
  });

  it('refuses a graph that was changed since the model was loaded', async () => {
    const changed = { ...model, graph: () => ({ ...model.graph('score.onnx'), sha256: 'ab' }) };
    await assert.rejects(openOnnxScorer(changed, OPTIONS), { code: 'MODEL_DIGEST_MISMATCH', message: /score\.onnx/ });
  });

  it('refuses a graph with other inputs than a score graph', async () => {
    const other = { ...model, graph: () => model.graph('encoder.onnx') };
    await assert.rejects(openOnnxScorer(other, OPTIONS), { code: 'MODEL_INVALID', message: /inputs image.*class/ });
  });
});
