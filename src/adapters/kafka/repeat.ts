import { backOff, type BackOff } from '../../concurrency/backoff.ts';

export interface Repetition {
  /** How often it is tried at most. */
  attempts: number;
  pause: BackOff;
  /** Whether it may be tried again after an error. */
  after: (error: unknown) => boolean;
}

/** What the work gives, which is done again after some errors, a few times; rejects with the last. */
export async function repeat<T>(work: () => Promise<T>, { attempts, pause, after }: Repetition): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts || !after(error)) throw error;
      await backOff(attempt, pause);
    }
  }
}
