import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../contracts/log-harness.ts';
import { temporaryFolder } from '../folders.ts';
import { type Supervised, supervise } from './supervised.ts';

const SETTLE = { settleMs: 10_000 };

describe('a supervised command', () => {
  let folder: string;
  let output: string;
  let supervised: Supervised;
  beforeEach(async () => {
    folder = (await temporaryFolder()).path;
    output = join(folder, 'output');
  });
  afterEach(() => supervised.close());

  const prepare = (script: string, command = process.execPath) => {
    supervised = supervise({ folder, output, command, args: ['--eval', script] });
  };
  const LASTING = 'console.log(process.pid); setInterval(() => {}, 1000)';

  /** What the command said, once that is so many lines. */
  async function pids(count: number): Promise<number[]> {
    const said = async () => (await readFile(output, 'utf8')).split('\n').filter(Boolean);
    await until(`there are ${count} lines`, async () => (await said()).length === count, SETTLE);
    return (await said()).map(Number);
  }

  it('starts when it is told to, and again after it was killed', async () => {
    prepare(LASTING);
    assert.equal(supervised.ended, 'not started');
    await supervised.start();
    assert.equal(supervised.ended, undefined);
    await pids(1);
    await supervised.signal('SIGKILL');
    assert.equal(supervised.ended, 'SIGKILL');
    await supervised.start();
    const [first, second] = await pids(2);
    assert.notEqual(first, second);
  });

  it('tells how it ended by itself', async () => {
    prepare('process.exit(3)');
    await supervised.start();
    await until('it has ended', () => supervised.ended !== undefined, SETTLE);
    assert.equal(supervised.ended, '3');
  });

  it('tells that it could not be started', async () => {
    prepare('', join(folder, 'missing'));
    await supervised.start();
    assert.match(supervised.ended ?? '', /ENOENT/);
  });

  it('is gone with its folder once it is closed, even if it is halted', async function () {
    if (process.platform === 'win32') this.skip();
    prepare(LASTING);
    await supervised.start();
    const [pid = 0] = await pids(1);
    await supervised.signal('SIGSTOP');
    await supervised.close();
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    assert.ok(!existsSync(folder));
  });
});
