import { asOrdoError, type OrdoError } from '../errors.ts';
import { backOff } from '../concurrency/backoff.ts';

export interface PersistOptions {
  signal: AbortSignal;
  onTrouble: (error: OrdoError) => void;
}

/**
 * Repeats a call to the log through passing trouble (an outage, a full disk), with growing pauses, until it succeeds;
 * undefined once `signal` is aborted. Rejects with what is final, and with LOG_FENCED, which is the caller's to settle.
 */
export async function persist<T>(
  call: () => Promise<T>,
  { signal, onTrouble }: PersistOptions,
): Promise<T | undefined> {
  for (let count = 1; ; count++) {
    try {
      return await call();
    } catch (cause) {
      const error = asOrdoError(cause);
      if (!error.retriable || error.code === 'LOG_FENCED') throw error;
      if (signal.aborted) return undefined;
      onTrouble(error);
      await backOff(count, { firstMs: 50, mostMs: 2000 }, signal);
    }
  }
}
