import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ended } from '../cli.ts';

const MOCHA = join(import.meta.dirname, '..', '..', '..', 'node_modules', 'mocha', 'bin', 'mocha.js');

describe('describeWith', () => {
  function runSkipping(environment: NodeJS.ProcessEnv) {
    const { REQUIRE_KAFKA: _, ...inherited } = process.env;
    const env = { ...inherited, ...environment };
    return ended(spawn(process.execPath, [MOCHA, join(import.meta.dirname, 'skipping.ts')], { env, stdio: 'pipe' }));
  }

  it('skips tests for want of a broker, and says at the end which and why', async () => {
    const { code, stdout, stderr } = await runSkipping({});
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /1 passing[^]*2 pending/);
    assert.ok(stderr.endsWith('SKIPPED: the first suite, the second suite: no broker here\n'), stderr);
  });

  it('fails them where a broker is required', async () => {
    const { code, stdout, stderr } = await runSkipping({ REQUIRE_KAFKA: '1' });
    assert.equal(code, 2, stdout + stderr);
    assert.match(stdout, /1 passing[^]*2 failing[^]*NoBroker: no broker here/);
    assert.doesNotMatch(stderr, /SKIPPED/);
  });
});
