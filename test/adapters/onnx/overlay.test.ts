import assert from 'node:assert/strict';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadModel } from '../../../src/adapters/onnx/model.ts';
import { findOverlay } from '../../../src/adapters/onnx/overlay.ts';
import { randomTile } from '../../../src/adapters/onnx/parity.ts';
import { openOnnxScorer } from '../../../src/adapters/onnx/scorer.ts';
import { profileFingerprint } from '../../../src/ports/profile.ts';
import { scorerContract, subjectOf } from '../../contracts/scorer.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { TINY_MODEL } from '../../support/tiny.ts';

const OPTIONS = { workers: 2, tileRows: 8, provider: 'cpu', precision: 'int8' } as const;

// A quantized graph is not held to the golden rows of the exact one; how far it is off is in int8.json.
scorerContract('onnxruntime in int8', { ...subjectOf(TINY_MODEL), golden: [] }, async () =>
  openOnnxScorer(await loadModel(TINY_MODEL), OPTIONS),
);

describe('the int8 graph of a model', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let copy: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    copy = join(folder.path, 'tiny');
    await cp(TINY_MODEL, copy, { recursive: true });
  });
  afterEach(() => folder.remove());

  it('is another numeric profile, which names the graph', async () => {
    const model = await loadModel(TINY_MODEL);
    const [int8, fp32] = [
      await openOnnxScorer(model, OPTIONS),
      await openOnnxScorer(model, { ...OPTIONS, precision: 'fp32' }),
    ];
    assert.equal(int8.profile.precision, 'int8');
    assert.equal(int8.profile.graph, (await findOverlay('int8', model)).sha256);
    assert.notEqual(profileFingerprint(int8.profile), profileFingerprint(fp32.profile));
    const tile = randomTile(model.manifest, 8, 16);
    const [rough, exact] = [await int8.score(tile), await fp32.score(tile)];
    assert.notDeepEqual(rough, exact);
    await Promise.all([int8.close(), fp32.close()]);
  });

  it('is refused where the model has none', async () => {
    await rm(join(copy, 'int8.json'));
    const opening = openOnnxScorer(await loadModel(copy), OPTIONS);
    await assert.rejects(opening, { code: 'MODEL_NOT_FOUND', message: /the model has no int8 graph/ });
    await writeFile(join(copy, 'int8.json'), '{}');
    await assert.rejects(findOverlay('int8', await loadModel(copy)), { code: 'MODEL_INVALID' });
  });

  it('is refused where it is of another model, or not the one that was checked', async () => {
    const model = await loadModel(copy);
    const file = join(copy, 'int8.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(model.digestHex, 'f'.repeat(64)));
    await assert.rejects(findOverlay('int8', model), {
      code: 'MODEL_DIGEST_MISMATCH',
      message: /is of model f+, the manifest's is/,
    });
    await writeFile(file, text);
    await writeFile(join(copy, 'score.int8.onnx'), 'changed');
    await assert.rejects(findOverlay('int8', model), {
      code: 'MODEL_DIGEST_MISMATCH',
      message: /score\.int8\.onnx has SHA-256/,
    });
    await rm(join(copy, 'score.int8.onnx'));
    await assert.rejects(findOverlay('int8', model), { code: 'MODEL_NOT_FOUND' });
  });
});
