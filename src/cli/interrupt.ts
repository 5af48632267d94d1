import { constants } from 'node:os';

/**
 * One press of Ctrl-C or one `kill` can arrive twice: a signal to the whole process group reaches this process by itself
 * and once more through the launcher that passes it on. Within this time a signal and its like count as one.
 */
const ECHO_MS = 1000;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * A signal that the first SIGINT, SIGTERM or SIGHUP aborts, with its name as the reason, so that the command can end in
 * good order. The second ends the process at once, as the signal does by itself; the same one again within a second of
 * the first is not a second. `nowMs` is a monotonic clock, `end` what ends the process.
 */
export function interruption({ nowMs = () => performance.now(), end = endBy } = {}): AbortSignal {
  const controller = new AbortController();
  let firstMs = 0;
  const onSignal = (name: NodeJS.Signals) => {
    const { aborted: again, reason } = controller.signal;
    if (!again) firstMs = nowMs();
    else if (name !== reason || nowMs() - firstMs >= ECHO_MS) end(name);
    controller.abort(name);
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return controller.signal;
}

/**
 * Ends the process by a signal's own action. process.exit() would first end the worker threads, and native code that
 * computes in one of them then aborts the process with a message of its own.
 */
export function endBy(name: NodeJS.Signals): void {
  process.removeAllListeners(name);
  process.kill(process.pid, name);
}

/** Ends the process after a while even if something keeps it open, and says `words`, if there are any. */
export function endWithin(ms: number, words = ''): void {
  setTimeout(() => {
    process.stderr.write(words);
    endBy('SIGTERM');
  }, ms).unref();
}

/** The end of a command that was cut short so: 128 + the number of what aborted the signal, as shells have it. */
export function exitCodeAfter({ reason }: AbortSignal): number {
  return 128 + constants.signals[SIGNALS.find((name) => name === reason) ?? 'SIGINT'];
}

/** Settles when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
