import { ChildProcess } from 'node:child_process';

/**
 * Records the signals that this process sends to its children, but not those that end them at once, until `restore` is
 * called. `refuse` names one that the platform does not have.
 */
export function recordSignals({ refuse }: { refuse?: NodeJS.Signals } = {}) {
  const sent: unknown[] = [];
  const kill: (signal?: NodeJS.Signals | number) => boolean = Reflect.get(ChildProcess.prototype, 'kill');
  ChildProcess.prototype.kill = function (signal) {
    if (signal === refuse) throw new TypeError(`Unknown signal: ${signal}`);
    if (signal !== 'SIGKILL') sent.push(signal);
    return kill.call(this, signal);
  };
  return { sent, restore: () => void (ChildProcess.prototype.kill = kill) };
}
