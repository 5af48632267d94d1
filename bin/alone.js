import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const PAUSE_MS = 200;
const UNSAID_MS = 10_000;
const MOST_MS = 30 * 60_000;

/**
 * Does work in a folder while no other process does work there by this function: those that come meanwhile wait. A
 * process that has ended keeps nobody waiting; who may not write there does not wait either.
 */
export function alone(folder, work) {
  const lock = join(folder, '.setup.lock');
  for (let told = false; !taken(lock); told = true) {
    if (!told) console.error('Another process installs dependencies here; waiting for it ...');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function taken(lock) {
  try {
    const file = openSync(lock, 'wx');
    writeSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes(error.code)) return true;
    if (error.code !== 'EEXIST') throw error;
    if (ended(lock)) rmSync(lock, { force: true });
    return false;
  }
}

/** Whether the process that took the lock runs no more, or never said which it is; no set-up takes half an hour. */
function ended(lock) {
  try {
    const ageMs = Date.now() - statSync(lock).mtimeMs;
    const pid = Number(readFileSync(lock, 'utf8'));
    if (pid > 0 && ageMs < MOST_MS) process.kill(pid, 0);
    return pid > 0 ? ageMs > MOST_MS : ageMs > UNSAID_MS;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
