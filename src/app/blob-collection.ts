import { setTimeout as sleep } from 'node:timers/promises';
import { collectFileBlobs } from '../adapters/blobs/file-collection.ts';
import { collectS3Blobs } from '../adapters/blobs/s3-collection.ts';
import { connectS3 } from '../adapters/blobs/s3-connect.ts';
import { uriOf } from '../adapters/blobs/s3-place.ts';
import { atMost } from '../concurrency/at-most.ts';
import type { Log } from '../ports/log.ts';
import type { Logger } from '../ports/logger.ts';
import { BlobHorizon } from './blob-horizon.ts';
import { s3Connection } from './blobs.ts';
import type { PipelineSpec } from './spec.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Longest wait for what is under way when it is to stop: a volume may hang. */
const STOP_MS = 1000;

export interface BlobCollectionOptions {
  log: Pick<Log, 'topics' | 'read'>;
  logger: Logger;
  /** Default: an hour. */
  everyMs?: number;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** A place that blobs are written to. */
interface Store {
  name: string;
  /** Removes the blobs last written before then; resolves with their number. */
  remove(beforeMs: number, signal: AbortSignal): Promise<number>;
}

/**
 * Removes, now and then every `everyMs`, the blobs that no record of the pipeline's topics points to any more: those
 * last written a day before the oldest image that the log holds, in a dead letter too, and a day longer ago than the
 * topics keep records, where these go by age; where they go by size alone, a day ago. Blobs are written or renewed before
 * a record points to them; the day is for clocks that differ and for slow producers. Nothing is removed where records are
 * kept for ever.
 * What fails is logged and tried again. `close` ends it, and waits a second at most for what is under way.
 */
export function startBlobCollection(
  spec: PipelineSpec,
  { log, logger, everyMs = HOUR_MS, now = Date.now }: BlobCollectionOptions,
): { close(): Promise<void> } {
  const { maxAgeMs, maxBytes } = spec.topics.retention;
  if (maxAgeMs === undefined && maxBytes === undefined) return { close: () => Promise.resolve() };
  const olderThanMs = (maxAgeMs ?? 0) + DAY_MS;
  const stores = storesOf(spec);
  const horizon = new BlobHorizon(log, spec);
  const stop = new AbortController();
  const { signal } = stop;

  async function collect(): Promise<void> {
    // Looked at before the log: a producer may publish, while the log is read, what it wrote almost a day ago.
    const longAgoMs = now() - olderThanMs;
    const beforeMs = Math.min(longAgoMs, (await horizon.oldestMs(signal)) - DAY_MS);
    for (const store of stores) {
      if (!signal.aborted) await logged({ store: store.name }, () => collectFrom(store, beforeMs));
    }
  }

  async function collectFrom(store: Store, beforeMs: number): Promise<void> {
    const removed = await store.remove(beforeMs, signal);
    if (removed > 0) logger.info({ store: store.name, removed }, 'old blobs were removed');
  }

  async function logged(fields: object, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!signal.aborted) logger.warn({ ...fields, err: error }, 'old blobs cannot be removed');
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await logged({}, collect);
      await sleep(everyMs, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  const running = run();
  return {
    async close() {
      stop.abort();
      await atMost(STOP_MS, running);
    },
  };
}

/** Files in any case: images may have been put there before S3 was set. */
function storesOf(spec: PipelineSpec): Store[] {
  const { folder, s3 } = spec.images.claimCheck;
  const files: Store = { name: folder, remove: (beforeMs, signal) => collectFileBlobs(folder, beforeMs, signal) };
  if (!s3) return [files];
  const connect = connectS3(s3Connection(spec, s3));
  const name = uriOf({ bucket: s3.bucket, key: s3.prefix });
  return [files, { name, remove: (beforeMs, signal) => collectS3Blobs(connect, s3, beforeMs, signal) }];
}
