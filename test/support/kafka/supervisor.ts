import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';

/**
 * Owns a process for its parent: `supervisor.ts FOLDER OUTPUT COMMAND ARG...`.
 * Told `start`, it starts the command, which writes to the file OUTPUT; told a signal, it sends that. It answers `done`,
 * after SIGKILL once the command has ended, and says `ended: ...` whenever it ends. When the parent lets go of it or
 * dies, however that came about, it kills the command and removes FOLDER.
 */
const [folder = '', output = '', command = '', ...args] = process.argv.slice(2);
let running: ChildProcess | undefined;

async function start(): Promise<void> {
  const file = openSync(output, 'a');
  const child = spawn(command, args, { stdio: ['ignore', file, file] });
  closeSync(file);
  running = child;
  child.once('error', ({ message }) => end(message));
  child.once('exit', (code, signal) => end(`${signal ?? code}`));
  await once(child, 'spawn').catch(() => undefined);
}

async function send(signal: NodeJS.Signals): Promise<void> {
  const child = running;
  child?.kill(signal);
  if (child && signal === 'SIGKILL') await once(child, 'exit');
}

function end(how: string): void {
  running = undefined;
  if (process.connected) process.send?.(`ended: ${how}`);
  else void removeFolder();
}

async function obey(order: 'start' | NodeJS.Signals): Promise<void> {
  await (order === 'start' ? start() : send(order));
  if (process.connected) process.send?.('done');
}

function removeFolder(): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

process.on('message', (order: 'start' | NodeJS.Signals) => void obey(order));
process.on('disconnect', () => {
  if (running) running.kill('SIGKILL');
  else void removeFolder();
});
