import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModel, verifyModel } from '../../../src/adapters/onnx/model.ts';
import { graphAt } from '../../support/graphs.ts';
import { TINY_MODEL } from '../../support/tiny.ts';

describe('a model package', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ordo-model-'));
    await cp(TINY_MODEL, folder, { recursive: true });
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is identified by the digest of its manifest', async () => {
    const model = await loadModel(folder);
    const expected = createHash('sha256')
      .update(await readFile(join(folder, 'model.json')))
      .digest('hex');
    assert.equal(model.digestHex, expected);
    assert.equal(Buffer.from(model.digest).toString('hex'), expected);
    assert.equal(model.digest.length, 32);
  });

  it('gives absolute paths of its graphs', async () => {
    const model = await loadModel(TINY_MODEL);
    assert.deepEqual(model.graph('score.onnx'), graphAt(join(TINY_MODEL, 'score.onnx')));
  });

  it('keeps what the manifest says', async () => {
    const { manifest } = await loadModel(folder);
    assert.deepEqual(manifest, JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')));
  });

  it('is refused when the folder is not there', async () => {
    await assert.rejects(loadModel(join(folder, 'absent')), { code: 'MODEL_NOT_FOUND', message: /absent.model\.json/ });
  });

  it('is refused when a graph is not there', async () => {
    await rm(join(folder, 'score.onnx'));
    await assert.rejects(loadModel(folder), { code: 'MODEL_NOT_FOUND', message: /score\.onnx/ });
  });

  it('is refused when a graph has one more byte', async () => {
    await appendFile(join(folder, 'encoder.onnx'), '\0');
    await assert.rejects(loadModel(folder), { code: 'MODEL_DIGEST_MISMATCH', message: /encoder\.onnx/ });
  });

  it('is refused when the manifest misstates a size', async () => {
    await editManifest(folder, (manifest) => {
      manifest.files['paint.onnx'].bytes += 1;
    });
    await assert.rejects(loadModel(folder), { code: 'MODEL_INVALID', message: /paint\.onnx\.bytes/ });
  });

  it('is verified with its overlays, which must be of this model', async () => {
    await rm(join(folder, 'proposer.onnx'));
    await editManifest(folder, (manifest) => {
      manifest.version = 'other';
    });
    const overlays = (await verifyModel(folder)).slice(4);
    assert.deepEqual(
      overlays.map(({ file, ok }) => [file, ok]),
      [
        ['int8.json', false],
        ['proposer.json', false],
      ],
    );
    await rm(join(folder, 'int8.json'));
    await rm(join(folder, 'proposer.json'));
    assert.equal((await verifyModel(folder)).length, 4);
  });

  it('is verified file by file', async () => {
    await rm(join(folder, 'score.onnx'));
    await appendFile(join(folder, 'paint.onnx'), '\0');
    const checks = await verifyModel(folder);
    assert.deepEqual(
      checks.map(({ file, ok }) => [file, ok]),
      [
        ['encoder.onnx', true],
        ['score.onnx', false],
        ['paint.onnx', false],
        ['decoder.onnx', true],
        ['score.int8.onnx', true],
        ['proposer.onnx', true],
      ],
    );
    assert.equal(checks[1]?.actual, null);
    assert.match(checks[2]?.actual ?? '', /^[0-9a-f]{64}$/);
    assert.notEqual(checks[2]?.actual, checks[2]?.expected);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: the tests break the manifest's shape on purpose
async function editManifest(folder: string, edit: (manifest: any) => void): Promise<void> {
  const file = join(folder, 'model.json');
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  edit(manifest);
  await writeFile(file, JSON.stringify(manifest));
}
