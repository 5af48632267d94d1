import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { verifyCommand } from '../../src/cli/verify.ts';
import { jsonLines, ordo, tinyFolder } from '../support/cli.ts';
import { TINY_MODEL } from '../support/tiny.ts';

describe('ordo verify', () => {
  let folder: Awaited<ReturnType<typeof tinyFolder>>;

  before(async () => {
    folder = await tinyFolder();
  });
  after(() => folder.remove());

  it('hurts a pipeline, compares, and leaves its own log alone', async () => {
    const args = ['--images', '40', '--faults', '4', '--seed', '3', '--folder', join(TINY_MODEL, 'examples'), '--json'];
    const { code, stdout, stderr } = await ordo(['verify', folder.pipeline, ...args]);
    assert.equal(code, 0, stderr);
    const [verdict, ...more] = jsonLines(stdout);
    assert.deepEqual(more, []);
    const { images, lost, changed, unexpected, passed, faults } = verdict ?? {};
    assert.deepEqual([images, lost, changed, unexpected, passed], [40, 0, 0, 0, true]);
    assert.equal(
      Object.values(faults ?? {}).reduce((sum: number, count) => sum + Number(count), 0),
      4,
    );
    assert.match(stderr, /^undisturbed: 40 images\ndisturbed: 40 images\n1 of 4 faults: /);
    assert.ok(!existsSync(join(folder.path, 'log')));
  }).timeout(120_000);

  it('refuses kinds of faults that it does not know or may not do', async () => {
    for (const kind of ['flood', 'broker', '']) {
      const { code, stderr } = await ordo(['verify', folder.pipeline, '--kinds', `kill,${kind}`]);
      assert.equal(code, 2);
      assert.match(stderr, /--kinds.*kill, pause, churn, duplicate/);
    }
  });

  it('halts no process on Windows, and refuses to', async () => {
    const command = verifyCommand('win32')
      .exitOverride()
      .configureOutput({ writeErr: () => {} });
    const kinds = command.options.find(({ long }) => long === '--kinds');
    assert.deepEqual(kinds?.defaultValue, ['kill', 'churn', 'duplicate']);
    await assert.rejects(command.parseAsync(['p.yaml', '--kinds', 'kill,pause'], { from: 'user' }), {
      code: 'commander.invalidArgument',
      message: /must be a list of kill, churn, duplicate,/,
    });
  });

  it('refuses a prefix that would not keep its topics apart', async () => {
    for (const prefix of ['', 'a/b']) {
      const { code, stderr } = await ordo(['verify', folder.pipeline, '--prefix', prefix]);
      assert.equal(code, 2);
      assert.match(stderr, /--prefix/);
    }
  });
});
