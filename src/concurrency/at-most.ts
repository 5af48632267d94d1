import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for the work to settle, but not for longer; rejects as it does. The wait keeps no process alive. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  await Promise.race([work, sleep(ms, undefined, { ref: false })]);
}
