import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { measure, readLabels, sample } from '../../src/cli/evaluation.ts';
import type { Decision } from '../../src/domain/types.ts';
import { temporaryFolder } from '../support/folders.ts';

describe('readLabels', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => folder.remove());

  async function read(csv: string) {
    const file = join(folder.path, 'labels.csv');
    await writeFile(file, csv);
    return await readLabels(file, 3);
  }

  it('reads paths, classes and tracks, whatever the other columns and line ends are', async () => {
    assert.deepEqual(await read('\uFEFFtrack,class_id,size,path\r\n7,2,32,"a, b.png"\r\n\r\n,0,32,c.png\r\n'), [
      { path: 'a, b.png', classId: 2, track: '7' },
      { path: 'c.png', classId: 0, track: 'c.png' },
    ]);
  });

  it('tells the lines of all rows that are wrong', async () => {
    await assert.rejects(read('path,class_id\na.png,3\nb.png,0\nc.png,x\n,1\n'), (error: Error) => {
      const lines = error.message.split('\n').map((line) => line.slice(line.lastIndexOf('/') + 1));
      assert.deepEqual(lines, [
        'labels.csv:2: the class_id must be a whole number from 0 to 2, not "3"',
        'labels.csv:4: the class_id must be a whole number from 0 to 2, not "x"',
        'labels.csv:5: the path is empty',
      ]);
      return true;
    });
  });

  it('tells the lines of images that are there twice', async () => {
    await assert.rejects(read('path,class_id\na.png,0\nb.png,1\na.png,0\na.png,2\n'), (error: Error) => {
      const lines = error.message.split('\n').map((line) => line.slice(line.lastIndexOf('/') + 1));
      assert.deepEqual(lines, ['labels.csv:4: a.png is on line 2 already', 'labels.csv:5: a.png is on line 2 already']);
      assert.equal(Reflect.get(error, 'code'), 'LABELS_INVALID');
      return true;
    });
  });

  it('tells ten of many wrong rows', async () => {
    const rows = Array.from({ length: 25 }, () => 'a.png,9').join('\n');
    await assert.rejects(read(`path,class_id\n${rows}\n`), (error: Error) => {
      assert.equal(error.message.split('\n').length, 11);
      assert.match(error.message, /and 15 more$/);
      return true;
    });
  });

  it('refuses what is no table of labels', async () => {
    const code = 'LABELS_INVALID';
    await assert.rejects(read(''), { code });
    await assert.rejects(read('path,class_id\n'), { code });
    await assert.rejects(read('path\na.png\n'), { code, message: /:1: .*"class_id"/ });
    await assert.rejects(read('path,path,class_id\na,a,0\n'), { code, message: /:1: .*two columns/ });
    await assert.rejects(read('path,class_id\na.png,0\nb.png\n'), { code, message: /line 3/ });
    await assert.rejects(read('path,class_id\n"a.png,0\n'), { code, message: /line 2/ });
    await assert.rejects(readLabels(join(folder.path, 'none.csv'), 3), { code: 'INPUT_NOT_FOUND' });
  });
});

describe('sample', () => {
  const images = Array.from({ length: 100 }, (_, i) => ({ path: `${i}.png`, classId: 0, track: 't' }));

  it('takes so many images in their order, the same for the same seed', () => {
    const taken = sample(images, 10, 1);
    assert.equal(taken.length, 10);
    assert.deepEqual(taken, sample(images, 10, 1));
    assert.deepEqual(
      taken,
      images.filter((image) => taken.includes(image)),
    );
  });

  it('takes others for another seed', () => {
    assert.notDeepEqual(sample(images, 10, 1), sample(images, 10, 2));
  });

  it('takes a smaller sample from the larger one', () => {
    const larger = sample(images, 20, 3);
    for (const image of sample(images, 10, 3)) assert.ok(larger.includes(image));
  });

  it('takes all there are', () => {
    assert.deepEqual(sample(images, 1000, 0), images);
  });
});

describe('measure', () => {
  const decision = (posteriors: number[], orders: number): Decision => ({
    classId: posteriors[0] === Math.max(...posteriors) ? 0 : 1,
    posterior: Math.max(...posteriors),
    top: [],
    margin: 0,
    logLikelihood: 0,
    prefix: 1,
    logEvidence: 0,
    disagreement: 0,
    orders,
    rows: orders * 2,
    rounds: 1,
    pruned: 0,
    posteriors: Float64Array.from(posteriors),
  });

  it('measures what was decided and counts what failed', () => {
    const report = measure(
      [
        { path: 'a', classId: 0, track: 't', decision: decision([0.8, 0.2], 1) },
        { path: 'b', classId: 0, track: 't', decision: decision([0.4, 0.6], 4) },
        { path: 'c', classId: 0, track: 't', error: new Error('bad') },
      ],
      4,
    );
    assert.deepEqual(
      { ...report, nll: report.nll?.toFixed(6), ece: report.ece?.toFixed(6) },
      {
        images: 2,
        failed: 1,
        accuracy: 0.5,
        nll: (-(Math.log(0.8) + Math.log(0.4)) / 2).toFixed(6),
        ece: ((0.2 + 0.6) / 2).toFixed(6),
        ordersMean: 2.5,
        rowsMean: 5,
        imagesPerSecond: 0.5,
      },
    );
  });

  it('has no measures where nothing was decided', () => {
    const report = measure([{ path: 'c', classId: 0, track: 't', error: new Error('bad') }], 1);
    assert.deepEqual(
      { images: report.images, failed: report.failed, accuracy: report.accuracy },
      { images: 0, failed: 1, accuracy: null },
    );
  });
});
