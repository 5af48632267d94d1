import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ended } from '../support/cli.ts';
import { temporaryFolder } from '../support/folders.ts';

/** Stands for npm: notes what it is asked for, deletes all first as `npm ci` does, and fails where there is no network. */
const NPM = `
const { appendFileSync, existsSync, mkdirSync, rmSync, writeFileSync } = require('node:fs');
const note = (text) => appendFileSync('calls.txt', text + '\\n');
note('begin ' + process.argv[2] + (process.argv.includes('--omit=dev') ? ' run' : ' all'));
if (process.argv[2] === 'ci') rmSync('node_modules', { recursive: true, force: true });
setTimeout(() => {
  note('end');
  if (existsSync('offline')) process.exit(1);
  mkdirSync('node_modules', { recursive: true });
  const packages = { 'node_modules/a': { version: '1.0.0' } };
  writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages }));
}, 300);`;

describe('setting up', () => {
  let root: string;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    ({ path: root, remove } = await temporaryFolder());
    await cp(join(import.meta.dirname, '..', '..', 'bin'), join(root, 'bin'), { recursive: true });
    await writeFile(join(root, 'package.json'), '{"type":"module"}');
    await lock('1.0.0');
    await writeFile(join(root, 'npm.cjs'), NPM);
    await writeFile(join(root, 'go.js'), "import { setUp } from './bin/setup.js';\nsetUp(process.argv[2]);");
  });
  afterEach(() => remove());

  /** Writes down which version of the one package is wanted. */
  async function lock(version: string): Promise<void> {
    const packages = { '': {}, 'node_modules/a': { version }, 'node_modules/b': { version: '1.0.0', dev: true } };
    await writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages }));
  }

  function setUp(scope: 'run' | 'all', env: NodeJS.ProcessEnv = { npm_execpath: join(root, 'npm.cjs') }) {
    return ended(spawn(process.execPath, ['go.js', scope], { cwd: root, env: { PATH: '', ...env }, stdio: 'pipe' }));
  }
  const calls = async () => (await readFile(join(root, 'calls.txt'), 'utf8')).trim().split('\n');

  it('installs once, also where two begin at the same time', async () => {
    const both = await Promise.all([setUp('run'), setUp('run')]);
    assert.deepEqual(
      both.map(({ code }) => code),
      [0, 0],
    );
    assert.equal((await setUp('run')).code, 0);
    assert.deepEqual(await calls(), ['begin ci run', 'end']);
  });

  it('waits for nobody who has ended', async () => {
    await writeFile(join(root, '.setup.lock'), '999999999');
    assert.equal((await setUp('run')).code, 0);
    assert.ok(!existsSync(join(root, '.setup.lock')));
  });

  it('keeps what is installed where more is wanted and cannot be fetched', async () => {
    await setUp('run');
    await mkdir(join(root, 'node_modules', 'a'));
    await writeFile(join(root, 'offline'), '');
    const { code, stderr } = await setUp('all');
    assert.equal(code, 69);
    assert.match(stderr, /npm install failed: see its message above/);
    assert.ok(existsSync(join(root, 'node_modules', 'a')));
    assert.deepEqual([(await setUp('run')).code, (await calls()).length], [0, 4]);
  });

  it('brings up to date all that was installed, also for those who want less', async () => {
    await setUp('all');
    await lock('2.0.0');
    await setUp('run');
    assert.deepEqual(await calls(), ['begin ci all', 'end', 'begin install all', 'end']);
  });

  it('says why npm cannot be started', async () => {
    const { code, stderr } = await setUp('run', {});
    assert.equal(code, 69);
    assert.match(stderr, /npm ci failed: .*npm ENOENT/);
  });
});
