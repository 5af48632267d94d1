import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonLines, ordo, tinyFolder } from '../support/cli.ts';
import { TINY_MODEL } from '../support/tiny.ts';

const EXAMPLES = join(TINY_MODEL, 'examples');

describe('ordo bench and ordo plan', function () {
  this.timeout(60_000);
  let folder: Awaited<ReturnType<typeof tinyFolder>>;
  let machine: string;
  let evidence: string;
  before(async () => {
    folder = await tinyFolder();
    machine = join(folder.path, 'machine.json');
    evidence = join(folder.path, 'tiny.evidence');
  });
  after(() => folder.remove());

  const plan = (...args: string[]) =>
    ordo(['plan', '--pipeline', folder.pipeline, '--machine', machine, '--evidence', evidence, ...args]);

  it('measure tiles of each shape and write them down', async () => {
    const args = ['--tile-rows', '1,16', '--seconds', '0.1', '--out', machine, '--json'];
    const { code, stdout, stderr } = await ordo(['bench', '--pipeline', folder.pipeline, ...args]);
    assert.deepEqual([code, stderr], [0, '']);
    const [found] = jsonLines(stdout) as [any];
    assert.deepEqual(JSON.parse(await readFile(machine, 'utf8')), found);
    assert.equal(found.provider, 'cpu');
    assert.deepEqual(
      found.shapes.map(({ tileRows, prefix }: any) => [tileRows, prefix]),
      [
        [1, 4],
        [1, 8],
        [1, 16],
        [16, 4],
        [16, 8],
        [16, 16],
      ],
    );
    assert.ok(found.shapes.every(({ rowsPerSecond, tileMs }: any) => rowsPerSecond > 0 && tileMs > 0));
  });

  it('say how many processes a demand takes', async () => {
    const labels = join(EXAMPLES, 'labels.csv');
    const recorded = ['--images', EXAMPLES, '--labels', labels, '--out', evidence, '--orders', '5'];
    assert.equal((await ordo(['record', '--pipeline', folder.pipeline, ...recorded])).code, 0);
    const { code, stdout } = await plan('--rate', '10', '--latency', '2s', '--json');
    const [found] = jsonLines(stdout) as [any];
    assert.deepEqual([code, found.processes, found.partitions, found.accuracy], [0, 1, 2, 1]);
    assert.ok(found.simulated.p99Ms < 2000);
    const shown = await plan('--rate', '10', '--latency', '2s');
    assert.match(shown.stdout, /^processes +1\npartitions +2\nlag threshold +\d+ records a process\n/);
  });

  it('end with 1 where no number of processes is enough', async () => {
    const { code, stdout } = await plan('--rate', '10', '--latency', '1ms');
    assert.equal(code, 1);
    assert.match(stdout, /^No number of processes is fast enough/);
  });

  it('refuse a machine that was measured with another model, or in another precision', async () => {
    const measured = JSON.parse(await readFile(machine, 'utf8'));
    const other = join(folder.path, 'other.json');
    for (const [changes, why] of [
      [{ model: 'ab' }, /^ordo: PROFILE_INVALID: .*other\.json was measured with model ab/],
      [{ precision: 'int8' }, /^ordo: PROFILE_INVALID: .*other\.json was measured in int8/],
    ] as const) {
      await writeFile(other, JSON.stringify({ ...measured, ...changes }));
      const { code, stderr } = await plan('--rate', '10', '--latency', '2s', '--machine', other);
      assert.equal(code, 66);
      assert.match(stderr, why);
    }
  });

  it('refuse a file that ordo bench did not write', async () => {
    await writeFile(machine, '{"workers": 1}');
    const { code, stderr } = await plan('--rate', '10', '--latency', '2s');
    assert.equal(code, 66);
    assert.match(stderr, /^ordo: PROFILE_INVALID: .*machine\.json is not what ordo bench writes/);
  });
});
