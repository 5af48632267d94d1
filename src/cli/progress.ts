export interface Progress {
  /** Counts one more done. */
  step(): void;
}

interface Bar extends Progress {
  stop(): void;
}

/**
 * Works with a progress bar on stderr where that is a terminal and the total is known, else with none. The bar is taken
 * away whatever happens: it would keep the process from ending.
 */
export async function withProgress<R>(
  { total, what }: { total: number | undefined; what: string },
  work: (progress: Progress) => Promise<R>,
): Promise<R> {
  const bar = await openBar(total, what);
  try {
    return await work(bar);
  } finally {
    bar.stop();
  }
}

async function openBar(total: number | undefined, what: string): Promise<Bar> {
  if (total === undefined || !process.stderr.isTTY) return { step: () => {}, stop: () => {} };
  const { SingleBar, Presets } = (await import('cli-progress')).default;
  const format = `{bar} {percentage}% | {value}/{total} ${what} | {duration_formatted}, {eta_formatted} left`;
  // The bar's own handling of SIGINT would keep Ctrl-C from the process; it serves to give back what is not taken here.
  const terminal = { hideCursor: null, linewrap: null, gracefulExit: false };
  const bar = new SingleBar({ format, ...terminal, clearOnComplete: true, etaBuffer: 100 }, Presets.shades_classic);
  bar.start(total, 0);
  return { step: () => bar.increment(), stop: () => bar.stop() };
}
