import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonLines, ordo, tinyFolder } from '../support/cli.ts';
import { TINY_MODEL } from '../support/tiny.ts';

const EXAMPLES = join(TINY_MODEL, 'examples');
const LABELS = join(EXAMPLES, 'labels.csv');

describe('ordo record and ordo calibrate', function () {
  this.timeout(60_000);
  let folder: Awaited<ReturnType<typeof tinyFolder>>;
  let evidence: string;
  before(async () => {
    folder = await tinyFolder();
    evidence = join(folder.path, 'tiny.evidence');
  });
  after(() => folder.remove());

  const record = (...args: string[]) =>
    ordo(['record', '--images', EXAMPLES, '--labels', LABELS, '--pipeline', folder.pipeline, '--json', ...args]);
  const calibrate = (...args: string[]) => ordo(['calibrate', '--pipeline', folder.pipeline, ...args]);

  it('record images in full, and go on with those that are missing', async () => {
    const first = await record('--out', evidence, '--orders', '3', '--limit', '10');
    assert.deepEqual([first.code, first.stderr], [0, '']);
    const second = await record('--out', evidence, '--orders', '3');
    const [one] = jsonLines(first.stdout);
    const [two] = jsonLines(second.stdout);
    assert.deepEqual([one?.['recorded'], one?.['before'], two?.['recorded'], two?.['before']], [10, 0, 30, 10]);
  });

  it('report bad images and end with 1', async () => {
    const labels = join(folder.path, 'labels.csv');
    await writeFile(labels, 'path,class_id\nnone.png,0\n');
    const out = join(folder.path, 'bad.evidence');
    const { code, stdout, stderr } = await record('--labels', labels, '--out', out);
    assert.equal(code, 1);
    assert.deepEqual(jsonLines(stdout)[0]?.['failed'], 1);
    assert.match(stderr, /^none\.png: INPUT_NOT_FOUND: /);
    assert.match((await calibrate('--evidence', out)).stderr, /^ordo: EVIDENCE_INVALID: .* holds no image/);
  });

  it('refuse to mix evidence of different numbers of orders', async () => {
    const { code, stderr } = await record('--out', evidence, '--orders', '4');
    assert.equal(code, 66);
    assert.match(stderr, /EVIDENCE_INVALID.*another orders: 3, not 4/);
  });

  it('find a cheaper plan that labels as the whole reading does, and write it', async () => {
    const curve = join(folder.path, 'curve.csv');
    const args = ['--evidence', evidence, '--validate', evidence, '--write', '--curve', curve, '--json'];
    const { code, stdout, stderr } = await calibrate(...args);
    assert.deepEqual([code, stderr], [0, '']);
    const [found] = jsonLines(stdout) as [any];
    assert.deepEqual(found.chosen, found.validated);
    assert.equal(found.chosen.images, 40);
    assert.equal(found.chosen.full.rows, 24);
    assert.ok(found.chosen.staged.rowEquivalents < 12, 'less than half of it');
    assert.equal(found.chosen.difference.mean, 0);
    assert.match(await readFile(curve, 'utf8'), /^kind,orders,loss,accuracy,rows,rowEquivalents\nfixed,1,,1,8,8\n/);

    const text = await readFile(folder.pipeline, 'utf8');
    assert.match(text, /# By ordo calibrate\.\n +# Chosen on 40 images of 40 tracks: 100\.00 %/);
    const evaluated = await ordo([
      'eval',
      '--images',
      EXAMPLES,
      '--labels',
      LABELS,
      '--pipeline',
      folder.pipeline,
      '--json',
    ]);
    const [report] = jsonLines(evaluated.stdout) as [any];
    assert.deepEqual(report.plan, found.plan);
    assert.equal(report.accuracy, 1);
    assert.equal(report.rowsMean, found.chosen.staged.rows, 'a real run reads what the replay said');
  });
});
