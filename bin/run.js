import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { nodePath } from './platform.js';

/**
 * Runs Node 24 with the arguments given and ends as it ends. Signals are passed on, for they may be meant for this
 * process alone; those of the terminal reach the child by themselves as well, and it takes the two for one.
 */
export function runNode(args, environment = {}) {
  // kafkajs sets timers to times that have passed, of which Node 24 would tell its user.
  const flags = ['--disable-warning=TimeoutNegativeWarning'];
  const child = spawn(nodePath(), [...flags, ...args], { stdio: 'inherit', env: { ...process.env, ...environment } });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => passOn(signal, child));
  child.on('error', (error) => {
    console.error(`ordo: cannot start Node: ${error.message}`);
    process.exitCode = 70;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}

/** On Windows all signals are the console's, which the child gets too, and to pass one on is to kill. */
function passOn(signal, child) {
  if (process.platform !== 'win32') child.kill(signal);
}
