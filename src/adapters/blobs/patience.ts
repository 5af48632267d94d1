import { OrdoError } from '../../errors.ts';

/**
 * What the work gives. Error: BLOB_UNAVAILABLE where it takes longer; then it goes on by itself, and what comes of it is
 * dropped.
 */
export async function within<T>(timeoutMs: number, work: () => Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const error = () => reject(new OrdoError('BLOB_UNAVAILABLE', `the blob was not read within ${timeoutMs} ms`));
  const timer = setTimeout(error, timeoutMs);
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
