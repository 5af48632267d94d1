import { asOrdoError, type ErrorCode, OrdoError } from '../errors.ts';
import { type BackOff, backOff } from '../concurrency/backoff.ts';

/** Passing errors that concern one record alone: tried this often, then the record is given up. All others are tried for ever. */
export const MOST_ATTEMPTS: Partial<Record<ErrorCode, number>> = { BLOB_UNAVAILABLE: 8 };

const PAUSE: BackOff = { firstMs: 100, mostMs: 5000 };

export interface AttemptOptions {
  signal: AbortSignal;
  onRetry: (error: OrdoError, attempt: number) => void;
  /** Looked at before each repetition: whether the work is of use to anybody still. Default: it is. */
  isWanted?: () => boolean;
  pause?: BackOff;
}

/**
 * Runs `work` until it succeeds, repeating it after passing errors with growing pauses; it is told which time this is,
 * from 1 on. Rejects with the error that makes the record a dead letter, or with STOPPED once `signal` is aborted
 * or the work is wanted no more.
 */
export async function attempt<T>(
  work: (count: number) => Promise<T>,
  { signal, onRetry, isWanted = () => true, pause = PAUSE }: AttemptOptions,
): Promise<T> {
  for (let count = 1; ; count++) {
    try {
      return await work(count);
    } catch (cause) {
      const error = asOrdoError(cause);
      if (signal.aborted) throw new OrdoError('STOPPED', 'the stage was stopped', { cause });
      if (!error.retriable || count >= (MOST_ATTEMPTS[error.code] ?? Number.POSITIVE_INFINITY)) throw error;
      onRetry(error, count);
      await backOff(count, pause, signal);
      if (!isWanted()) throw unwanted(cause);
    }
  }
}

/** The work is wanted no more; final, so that it ends an attempt that meets it. */
export function unwanted(cause?: unknown): OrdoError {
  return new OrdoError('STOPPED', 'the record is no longer in hand', { cause, final: true });
}
