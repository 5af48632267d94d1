import { setTimeout as sleep } from 'node:timers/promises';
import { asOrdoError, type OrdoError } from '../../errors.ts';

export interface PaceOptions {
  periodMs: number;
  /** Before the first turn. */
  delayMs?: number;
  signal: AbortSignal;
  /** Told of a turn that failed; the next turn comes all the same. */
  onTrouble: (error: OrdoError) => void;
}

/** Takes turns at a steady pace until the signal. Turns that take longer than the period are followed at once, not made up for. */
export async function pace(turn: () => Promise<void>, options: PaceOptions): Promise<void> {
  const { periodMs, delayMs = 0, signal, onTrouble } = options;
  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => {});
  await pause(delayMs);
  while (!signal.aborted) {
    const dueAt = performance.now() + periodMs;
    try {
      await turn();
    } catch (error) {
      onTrouble(asOrdoError(error));
    }
    await pause(Math.max(0, dueAt - performance.now()));
  }
}
