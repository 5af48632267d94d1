import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ended, startOrdo, tinyFolder } from '../support/cli.ts';
import { TINY_MODEL } from '../support/tiny.ts';

const EXAMPLES = join(TINY_MODEL, 'examples');

/** What a terminal and a disk that becomes full are to the command. */
const HARDSHIP = `
  import { DatabaseSync } from 'node:sqlite';
  process.stderr.isTTY = true;
  const { prepare } = DatabaseSync.prototype;
  DatabaseSync.prototype.prepare = function (sql) {
    if (sql.startsWith('INSERT INTO images')) this.exec('PRAGMA max_page_count = 1');
    return prepare.call(this, sql);
  };`;

describe('ordo record', () => {
  let folder: Awaited<ReturnType<typeof tinyFolder>>;
  let child: ChildProcess;
  beforeEach(async () => {
    folder = await tinyFolder();
  });
  afterEach(async () => {
    child.kill('SIGKILL');
    await folder.remove();
  });

  function record(labels: string, nodeOptions: readonly string[] = []) {
    const paths = ['--images', EXAMPLES, '--labels', labels, '--out', join(folder.path, 'some.evidence')];
    child = startOrdo(['record', ...paths, '--pipeline', folder.pipeline], { nodeOptions });
    return ended(child);
  }

  it('ends with 69 on a terminal where the disk is full', async () => {
    const hook = `data:text/javascript,${encodeURIComponent(HARDSHIP)}`;
    const { code, stderr } = await record(join(EXAMPLES, 'labels.csv'), ['--import', hook]);
    assert.match(stderr, /ordo: OUTPUT_UNWRITABLE: .*some\.evidence cannot be written: database or disk is full\n/);
    assert.equal(code, 69);
  });

  it('ends with 66 where the table of labels has an image twice', async () => {
    const labels = join(folder.path, 'labels.csv');
    await writeFile(labels, 'path,class_id\n00000.png,0\n00001.png,1\n00000.png,0\n');
    const { code, stderr } = await record(labels);
    assert.match(stderr, /^ordo: LABELS_INVALID: .*labels\.csv:4: 00000\.png is on line 2 already\n/);
    assert.equal(code, 66);
  });
}).timeout(20_000);
