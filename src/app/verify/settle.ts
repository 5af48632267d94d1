import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../ports/log.ts';
import { type PartitionLag, stageLag } from '../lag.ts';
import { type PipelineNames, STAGES } from '../spec.ts';

export interface SettleOptions {
  /** How often to look. */
  everyMs: number;
  /** Nothing has moved for so long: it never will. */
  idleMs: number;
  signal: AbortSignal;
}

/**
 * Waits until a pipeline has nothing left to do; false if it has, but nothing moves any more. One look at the lags is
 * not enough, since work may go back to a stage after it was looked at; two that find the same ends are.
 */
export async function settled(
  look: () => Promise<PartitionLag[]>,
  { everyMs, idleMs, signal }: SettleOptions,
): Promise<boolean> {
  let before = '';
  let movedAt = performance.now();
  while (performance.now() - movedAt < idleMs && !signal.aborted) {
    const lags = await look();
    const now = lags.map(({ end, lag }) => `${end} ${lag}`).join();
    const idle = lags.every(({ lag }) => lag === 0);
    if (idle && now === before) return true;
    if (now !== before) movedAt = performance.now();
    before = now;
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
  return false;
}

/** Where all stages of a pipeline stand. */
export async function allLags(log: Log, pipeline: PipelineNames): Promise<PartitionLag[]> {
  const lags: PartitionLag[] = [];
  for (const stage of STAGES) lags.push(...(await stageLag(log, pipeline, stage)));
  return lags;
}
