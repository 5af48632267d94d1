import { setTimeout as sleep } from 'node:timers/promises';
import { collectBlobs } from '../adapters/blobs/collection.ts';
import type { Logger } from '../ports/logger.ts';
import type { PipelineSpec } from './spec.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Removes, now and then every `everyMs`, the blobs that no record of the pipeline's topics points to any more: those
 * last written a day longer ago than the topics keep records. Nothing is removed where records are kept for ever.
 * What fails is logged and tried again. `close` ends it.
 */
export function startBlobCollection(
  { images, topics }: PipelineSpec,
  logger: Logger,
  everyMs = HOUR_MS,
): { close(): Promise<void> } {
  const { maxAgeMs } = topics.retention;
  if (maxAgeMs === undefined) return { close: () => Promise.resolve() };
  const { folder } = images.claimCheck;
  const olderThanMs = maxAgeMs + DAY_MS;
  const stop = new AbortController();
  const { signal } = stop;

  async function collect(): Promise<void> {
    try {
      const removed = await collectBlobs(folder, olderThanMs, Date.now(), signal);
      if (removed > 0) logger.info({ folder, removed }, 'old blobs were removed');
    } catch (error) {
      logger.warn({ folder, err: error }, 'old blobs cannot be removed');
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await collect();
      await sleep(everyMs, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  const running = run();
  return {
    close() {
      stop.abort();
      return running;
    },
  };
}
