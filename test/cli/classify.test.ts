import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ended, jsonLines, ordo, startOrdo, tinyFolder } from '../support/cli.ts';
import { withLockedFolders } from '../support/fs-calls.ts';
import { TINY_MODEL } from '../support/tiny.ts';

const example = (name: string) => join(TINY_MODEL, 'examples', name);

describe('ordo classify', () => {
  let folder: Awaited<ReturnType<typeof tinyFolder>>;
  before(async () => {
    folder = await tinyFolder();
    await mkdir(join(folder.path, 'photos', 'more'), { recursive: true });
    await copyFile(example('00000.png'), join(folder.path, 'photos', 'b.png'));
    await copyFile(example('00001.png'), join(folder.path, 'photos', 'more', 'a.png'));
    await writeFile(join(folder.path, 'photos', 'a.png'), 'not an image');
  });
  after(() => folder.remove());

  const classify = (...args: string[]) =>
    ordo(['classify', '--pipeline', folder.pipeline, ...args], { cwd: folder.path });

  it('labels the good images of a folder in the order of their paths and reports the bad', async () => {
    const { code, stdout, stderr } = await classify('photos');
    assert.equal(code, 1);
    assert.match(stdout, /^photos\/b\.png: circle \(.* rows\)\nphotos\/more\/a\.png: ring \(.* rows\)\n$/);
    assert.match(stderr, /^photos\/a\.png: IMAGE_UNSUPPORTED: .*\n$/);
  });

  it('prints one JSON object a line and nothing else where JSON was asked for', async () => {
    const { code, stdout, stderr } = await classify('--json', 'photos', 'photos/none.png');
    assert.equal(code, 1);
    assert.equal(stderr, '');
    const [bad, first, second, missing] = jsonLines(stdout);
    assert.deepEqual(Object.keys(first ?? {}), [
      'path',
      'label',
      'posterior',
      'top',
      'margin',
      'logLikelihood',
      'logEvidence',
      'disagreement',
      'orders',
      'rows',
      'rounds',
    ]);
    assert.deepEqual(
      { path: first?.['path'], label: first?.['label'] },
      { path: 'photos/b.png', label: { id: 0, name: 'circle' } },
    );
    assert.deepEqual(second?.['label'], { id: 1, name: 'ring' });
    assert.ok(Array.isArray(first?.['top']));
    assert.equal(first['top'].length, 3);
    assert.deepEqual([bad?.['path'], Object.keys(bad?.['error'] ?? {})], ['photos/a.png', ['code', 'message']]);
    assert.equal(Reflect.get(missing?.['error'] ?? {}, 'code'), 'INPUT_NOT_FOUND');
  });

  it('reports a folder that cannot be read, and labels the images beside it', async () => {
    const args = ['classify', '--json', '--pipeline', folder.pipeline, 'photos'];
    const child = startOrdo(args, { cwd: folder.path, nodeOptions: withLockedFolders('more') });
    const { code, stdout } = await ended(child);
    assert.equal(code, 1);
    const [, good, locked, ...rest] = jsonLines(stdout);
    assert.deepEqual([good?.['path'], rest], ['photos/b.png', []]);
    const error = { code: 'INPUT_NOT_FOUND', message: 'photos/more cannot be read' };
    assert.deepEqual(locked, { path: 'photos/more', error });
  });

  it('labels an image on stdin', async () => {
    const input = await readFile(example('00002.png'));
    const { code, stdout } = await ordo(['classify', '-', '--json', '--pipeline', folder.pipeline], { input });
    assert.equal(code, 0);
    const [result] = jsonLines(stdout);
    assert.deepEqual([result?.['path'], result?.['label']], ['-', { id: 2, name: 'square' }]);
  });

  it('reports an empty stdin', async () => {
    const { code, stderr } = await classify('-');
    assert.equal(code, 1);
    assert.match(stderr, /^-: IMAGE_EMPTY: /);
  });

  it('ends with 66 when no path is there', async () => {
    const { code, stdout, stderr } = await classify('none.png', 'neither');
    assert.deepEqual([code, stdout], [66, '']);
    assert.match(stderr, /^ordo: INPUT_NOT_FOUND: none\.png .*\nneither /);
  });

  it('ends with 66 when the pipeline does not fit its model', async () => {
    const file = join(folder.path, 'unfit.yaml');
    const text = await readFile(folder.pipeline, 'utf8');
    await writeFile(file, text.replace('prefix: 16', 'prefix: 17'));
    const { code, stderr } = await ordo(['classify', '--pipeline', file, example('00000.png')]);
    assert.equal(code, 66);
    assert.match(stderr, /^ordo: PIPELINE_INVALID: .*unfit\.yaml.*plan\.prefix/);
  });

  it('ends quietly when its reader does', async () => {
    const child = startOrdo(['classify', '--json', '--pipeline', folder.pipeline, join(TINY_MODEL, 'examples')]);
    const end = ended(child);
    child.stdout?.destroy();
    assert.deepEqual(await end.then(({ code, stderr }) => ({ code, stderr })), { code: 0, stderr: '' });
  });

  it('shows no control characters of a path', async () => {
    const { stderr } = await classify('photos/b.png', 'esc\u001b[31m.png');
    assert.ok(stderr.includes('esc\\x1b[31m.png: INPUT_NOT_FOUND'), stderr);
    assert.ok(!stderr.includes('\u001b'), stderr);
  });

  it('leaves no trace of ONNX Runtime in the home folder, for that would be its telemetry', async () => {
    const home = join(folder.path, 'home');
    await mkdir(home);
    const env = { ...process.env, HOME: home, XDG_CACHE_HOME: undefined, CI: undefined };
    const child = startOrdo(['classify', '--pipeline', folder.pipeline, 'photos/b.png'], { cwd: folder.path, env });
    assert.equal((await ended(child)).code, 0);
    assert.deepEqual(await readdir(home), []);
  });
});
