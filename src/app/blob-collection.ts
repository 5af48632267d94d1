import { setTimeout as sleep } from 'node:timers/promises';
import { collectFileBlobs } from '../adapters/blobs/file-collection.ts';
import type { Log } from '../ports/log.ts';
import type { Logger } from '../ports/logger.ts';
import { BlobHorizon } from './blob-horizon.ts';
import type { PipelineSpec } from './spec.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface BlobCollectionOptions {
  log: Pick<Log, 'topics' | 'read'>;
  logger: Logger;
  /** Default: an hour. */
  everyMs?: number;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/**
 * Removes, now and then every `everyMs`, the blobs that no record of the pipeline's topics points to any more: those
 * last written a day before the oldest image that the log holds, in a dead letter too, and a day longer ago than the
 * topics keep records. Blobs are written or renewed before a record points to them; the day is for clocks that differ
 * and for slow producers. Nothing is removed where records are kept for ever.
 * What fails is logged and tried again. `close` ends it.
 */
export function startBlobCollection(
  spec: PipelineSpec,
  { log, logger, everyMs = HOUR_MS, now = Date.now }: BlobCollectionOptions,
): { close(): Promise<void> } {
  const { maxAgeMs } = spec.topics.retention;
  if (maxAgeMs === undefined) return { close: () => Promise.resolve() };
  const olderThanMs = maxAgeMs + DAY_MS;
  const { folder } = spec.images.claimCheck;
  const horizon = new BlobHorizon(log, spec.name);
  const stop = new AbortController();
  const { signal } = stop;

  async function collect(): Promise<void> {
    const oldestMs = await horizon.oldestMs(signal);
    if (signal.aborted) return;
    const removed = await collectFileBlobs(folder, Math.min(now() - olderThanMs, oldestMs - DAY_MS), signal);
    if (removed > 0) logger.info({ folder, removed }, 'old blobs were removed');
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await collect().catch((error: unknown) => logger.warn({ folder, err: error }, 'old blobs cannot be removed'));
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
