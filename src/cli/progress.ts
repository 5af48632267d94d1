export interface Progress {
  /** Counts one more done. */
  step(): void;
  /** Takes the bar away. */
  stop(): void;
}

/** A progress bar on stderr where that is a terminal and the total is known, else nothing. */
export async function openProgress(total: number | undefined, what: string): Promise<Progress> {
  if (total === undefined || !process.stderr.isTTY) return { step: () => {}, stop: () => {} };
  const { SingleBar, Presets } = (await import('cli-progress')).default;
  const format = `{bar} {percentage}% | {value}/{total} ${what} | {duration_formatted}, {eta_formatted} left`;
  // The bar's own handling of SIGINT would keep Ctrl-C from the process; it serves to give back what is not taken here.
  const terminal = { hideCursor: null, linewrap: null, gracefulExit: false };
  const bar = new SingleBar({ format, ...terminal, clearOnComplete: true, etaBuffer: 100 }, Presets.shades_classic);
  bar.start(total, 0);
  return { step: () => bar.increment(), stop: () => bar.stop() };
}
