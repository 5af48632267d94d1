import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ended } from '../../support/cli.ts';
import { describeWithWebGpu } from '../../support/webgpu.ts';

const MOCHA = join(import.meta.dirname, '..', '..', '..', 'node_modules', 'mocha', 'bin', 'mocha.js');
const CONTRACT = join(import.meta.dirname, 'webgpu-contract.ts');
/** A software adapter is slow, the more so where others compute too. */
const TEST_MS = '180000';

describeWithWebGpu('onnxruntime on WebGPU', () => {
  // A process of its own: drivers have been seen to end the process that they fail in.
  it('passes the contract suite of a Scorer', async () => {
    const child = spawn(process.execPath, [MOCHA, '--timeout', TEST_MS, '--no-color', CONTRACT], { stdio: 'pipe' });
    const { code, stdout, stderr } = await ended(child);
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    assert.match(stdout, /9 passing/);
  }).timeout(600_000);
});
