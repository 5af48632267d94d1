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

/** Installs the locked dependencies once: `run` what the product needs, `all` what its tests and checks need too. */
export function setUp(scope) {
  if (installed(scope)) return;
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
  writeFileSync(stamp, `${wanted()} ${scope}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) setUp('all');
