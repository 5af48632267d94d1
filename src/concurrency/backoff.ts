import { setTimeout as sleep } from 'node:timers/promises';

/** Waits before attempt `attempt` (1 for the first repetition): doubling from `firstMs` up to `mostMs`. Ends early when aborted. */
export async function backOff(attempt: number, { firstMs, mostMs }: BackOff, signal?: AbortSignal): Promise<void> {
  const delay = Math.min(mostMs, firstMs * 2 ** (attempt - 1));
  await sleep(delay, undefined, signal ? { signal } : {}).catch(() => {});
}

export interface BackOff {
  firstMs: number;
  mostMs: number;
}
