/**
 * A signal that the first SIGINT or SIGTERM aborts, so that the command can end in good order. The second ends the
 * process at once, as the signal does by itself.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) endBy(name);
      controller.abort(name);
    });
  }
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

/** Settles when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
