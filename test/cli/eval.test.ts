import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonLines, ordo, tinyFolder } from '../support/cli.ts';
import { TINY_MODEL } from '../support/tiny.ts';

const EXAMPLES = join(TINY_MODEL, 'examples');
const LABELS = join(EXAMPLES, 'labels.csv');

describe('ordo eval', () => {
  let folder: Awaited<ReturnType<typeof tinyFolder>>;
  before(async () => {
    folder = await tinyFolder();
  });
  after(() => folder.remove());

  const evaluate = (labels: string, ...args: string[]) =>
    ordo(['eval', '--images', EXAMPLES, '--labels', labels, '--pipeline', folder.pipeline, ...args]);

  it('measures the plan of the pipeline', async () => {
    const { code, stdout } = await evaluate(LABELS, '--json');
    assert.equal(code, 0);
    const [report] = jsonLines(stdout);
    assert.deepEqual([report?.['images'], report?.['failed'], report?.['accuracy']], [40, 0, 1]);
    assert.ok(Number(report?.['rowsMean']) < 32, 'the staged plan reads fewer rows than four whole orders');
    assert.equal(Reflect.get(report?.['plan'] ?? {}, 'kind'), 'staged');
  });

  it('measures a number of whole orders over all classes on a sample', async () => {
    const { stdout } = await evaluate(LABELS, '--json', '--orders', '2', '--statistic', 'log-mean-exp', '--limit', '5');
    const [report] = jsonLines(stdout);
    assert.deepEqual(
      [report?.['images'], report?.['ordersMean'], report?.['rowsMean'], report?.['statistic'], report?.['plan']],
      [5, 2, 16, 'log-mean-exp', { kind: 'fixed', orders: 2, prefix: 16 }],
    );
  });

  it('leaves bad images out, reports them on stderr and ends with 1', async () => {
    const labels = join(folder.path, 'labels.csv');
    await writeFile(labels, 'path,class_id\nnone.png,0\n00001.png,2\n');
    const { code, stdout, stderr } = await evaluate(labels, '--json');
    assert.equal(code, 1);
    const [report] = jsonLines(stdout);
    assert.deepEqual([report?.['images'], report?.['failed'], report?.['accuracy']], [1, 1, 0]);
    assert.match(stderr, /^none\.png: INPUT_NOT_FOUND: /);
  });

  it('ends with 66 and the lines of wrong labels', async () => {
    const labels = join(folder.path, 'wrong.csv');
    await writeFile(labels, 'path,class_id\n00000.png,8\n');
    const { code, stderr } = await evaluate(labels);
    assert.equal(code, 66);
    assert.match(stderr, /^ordo: LABELS_INVALID: .*wrong\.csv:2: the class_id must be .* 0 to 7/);
  });
});
