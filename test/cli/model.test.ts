import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonLines, ordo } from '../support/cli.ts';
import { temporaryFolder } from '../support/folders.ts';
import { TINY_MODEL } from '../support/tiny.ts';

describe('ordo model', () => {
  it('shows a model', async () => {
    const { code, stdout } = await ordo(['model', 'show', TINY_MODEL]);
    assert.equal(code, 0);
    assert.match(stdout, /^name +tiny 1\ndigest +[0-9a-f]{64}\n/);
    assert.match(stdout, /^ {2}0 +circle$/m);
  });

  it('verifies a model file by file', async () => {
    const { code, stdout } = await ordo(['model', 'verify', TINY_MODEL, '--json']);
    assert.equal(code, 0);
    assert.deepEqual(
      jsonLines(stdout).map(({ ok }) => ok),
      [true, true, true, true, true, true],
    );
  });

  it('ends with 66 when a file of a model differs', async () => {
    const folder = await temporaryFolder();
    const copy = join(folder.path, 'model');
    await mkdir(copy);
    const files = (await readdir(TINY_MODEL)).filter((name) => /\.(onnx|json)$/.test(name));
    for (const name of files) await copyFile(join(TINY_MODEL, name), join(copy, name));
    await writeFile(join(copy, 'score.onnx'), 'other');
    const { code, stdout, stderr } = await ordo(['model', 'verify', copy]);
    assert.equal(code, 66);
    assert.match(stdout, /^score\.onnx: differs, [0-9a-f]{64}$/m);
    assert.match(stderr, /^ordo: MODEL_DIGEST_MISMATCH: .*score\.onnx$/m);
    await writeFile(join(copy, 'proposer.onnx'), 'other');
    assert.match((await ordo(['model', 'verify', copy])).stderr, /: score\.onnx, proposer\.onnx$/m);
    await folder.remove();
  });

  it('ends with 66 when a model is not there', async () => {
    const { code, stderr } = await ordo(['model', 'show', '/none']);
    assert.equal(code, 66);
    assert.match(stderr, /^ordo: MODEL_NOT_FOUND: /);
  });
});
