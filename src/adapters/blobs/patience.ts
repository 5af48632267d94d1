import { OrdoError } from '../../errors.ts';

/**
 * What the work gives. Error: BLOB_UNAVAILABLE where it takes longer; then its signal is aborted, and what still comes of
 * it is dropped: a call to a volume that hangs cannot be ended.
 */
export async function within<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const giveUp = () => {
    reject(new OrdoError('BLOB_UNAVAILABLE', `the blob was not read within ${timeoutMs} ms`));
    controller.abort();
  };
  const timer = setTimeout(giveUp, timeoutMs);
  try {
    return await Promise.race([work(controller.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
