#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { alone } from './alone.js';
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

/** What an earlier set-up was for, whatever the dependencies were then. */
function before() {
  return existsSync(stamp) ? readFileSync(stamp, 'utf8').trim().split(' ')[1] : undefined;
}

/**
 * What npm is to do. `npm ci` first deletes all that is there, under whatever runs on it and before it is known that the
 * rest can be fetched; so where something is installed, that is brought up to date.
 */
function argumentsFor(scope) {
  const something = existsSync(join(root, 'node_modules', '.package-lock.json'));
  const how = something ? ['install', '--no-save'] : ['ci'];
  const omitted = scope === 'run' ? ['--omit=dev'] : [];
  return [...how, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...omitted];
}

function install(scope) {
  const args = argumentsFor(scope);
  console.error(`Installing ${scope === 'all' ? 'all' : 'run-time'} dependencies (npm ${args[0]}) ...`);
  const npm = process.env.npm_execpath;
  const { status, error } = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: ['ignore', 2, 2] })
    : spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (status === 0) return true;
  console.error(`ordo: npm ${args[0]} failed: ${error?.message ?? 'see its message above'}`);
  return false;
}

/** Whether all is there at last; what was installed for everything stays so. */
function done(scope) {
  if (installed(scope)) return true;
  const whole = before() === 'all' ? 'all' : scope;
  const sufficient = there(scope);
  if (!sufficient && !install(whole)) return false;
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  remember(!sufficient || there(whole) ? whole : scope);
  return true;
}

/** Installs the locked dependencies once: `run` what the product needs, `all` what its tests and checks need too. */
export function setUp(scope) {
  if (installed(scope)) return;
  if (!alone(root, () => done(scope))) process.exit(69);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) setUp('all');
