import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { nodePath } from './platform.js';

/**
 * Runs Node 24 with the arguments given and ends as it ends. Signals of the terminal reach the child by
 * themselves; those sent to this process alone are passed on.
 */
export function runNode(args, environment = {}) {
  const child = spawn(nodePath(), args, { stdio: 'inherit', env: { ...process.env, ...environment } });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  process.on('SIGINT', () => {});
  child.on('error', (error) => {
    console.error(`ordo: cannot start Node: ${error.message}`);
    process.exitCode = 70;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}
