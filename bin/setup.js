#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './platform.js';

const stamp = join(root, 'node_modules', '.ordo-setup');

function wanted() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function installed(scope) {
  if (!existsSync(stamp)) return false;
  const [digest, had] = readFileSync(stamp, 'utf8').trim().split(' ');
  return digest === wanted() && (had === 'all' || had === scope);
}

function packages(file) {
  return Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages);
}

/** Whether npm itself has installed every package that the scope needs; those of other platforms may be absent. */
function there(scope) {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const have = new Map(packages(record).map(([path, { version }]) => [path, version]));
  return packages(join(root, 'package-lock.json')).every(([path, { version, optional, dev, devOptional }]) => {
    const spared = path === '' || optional || devOptional || (dev && scope === 'run');
    return spared || have.get(path) === version;
  });
}

/** Saves the comparison next time; whoever may not write does without. */
function remember(scope) {
  try {
    writeFileSync(stamp, `${wanted()} ${scope}\n`);
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error;
  }
}

/** Installs the locked dependencies once: `run` what the product needs, `all` what its tests and checks need too. */
export function setUp(scope) {
  if (installed(scope)) return;
  if (there(scope)) return remember(scope);
  console.error(`Installing ${scope === 'all' ? 'all' : 'run-time'} dependencies (npm ci) ...`);
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  if (scope === 'run') args.push('--omit=dev');
  const npm = process.env.npm_execpath;
  const result = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: ['ignore', 2, 2] })
    : spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (result.status !== 0) {
    console.error('ordo: npm ci failed; see its message above');
    process.exit(69);
  }
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  remember(scope);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) setUp('all');
