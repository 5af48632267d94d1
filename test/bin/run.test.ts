import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ended, heard } from '../support/cli.ts';

const urlOf = (...path: string[]) => JSON.stringify(pathToFileURL(join(import.meta.dirname, '..', '..', ...path)).href);

/** Drains for a while once it is interrupted. */
const DRAINING = `
import { interruption } from ${urlOf('src', 'cli', 'interrupt.ts')};
const stay = setInterval(() => {}, 1000);
interruption().addEventListener('abort', ({ target }) => {
  console.log('drains: ' + target.reason);
  setTimeout(() => { console.log('drained'); clearInterval(stay); }, 300);
});
console.log('ready');`;

const LAUNCHER = `
import { runNode } from ${urlOf('bin', 'run.js')};
runNode(['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', ${JSON.stringify(DRAINING)}]);`;

describe('runNode', () => {
  let launcher: ChildProcess;

  before(function () {
    if (process.platform === 'win32') this.skip();
  });
  beforeEach(() => {
    launcher = spawn(process.execPath, ['--input-type=module', '--eval', LAUNCHER], { stdio: 'pipe', detached: true });
  });
  afterEach(() => {
    if (launcher.exitCode === null && launcher.pid) process.kill(-launcher.pid, 'SIGKILL');
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const ways: [to: string, send: () => void][] = [
      ['the launcher alone', () => void launcher.kill(signal)],
      ['the whole process group', () => void process.kill(-(launcher.pid ?? 0), signal)],
    ];
    for (const [to, send] of ways) {
      it(`lets the command drain on ${signal} to ${to}`, async () => {
        const end = ended(launcher);
        await heard(launcher, 'stdout', 'ready');
        send();
        const { code, stdout } = await end;
        assert.deepEqual([code, stdout], [0, `ready\ndrains: ${signal}\ndrained\n`]);
      });
    }
  }
});
