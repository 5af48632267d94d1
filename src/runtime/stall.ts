import type { Holdings } from './holdings.ts';

/**
 * Says of the record that has been handled for longest, if that is `stalledMs` or more, which one it is and for how long;
 * undefined where there is none. Calls that never settle are seen here and nowhere else: nothing fails in them.
 */
export function stallOf(holdings: Holdings, stalledMs: number, nowMs = performance.now()): string | undefined {
  const unfinished = holdings.all().flatMap(({ tracker }) => tracker.oldest ?? []);
  const oldest = unfinished.toSorted((a, b) => a.takenMs - b.takenMs)[0];
  if (!oldest || nowMs - oldest.takenMs < stalledMs) return undefined;
  const { topic, partition, offset } = oldest.record;
  const minutes = Math.floor((nowMs - oldest.takenMs) / 60_000);
  return `the record at offset ${offset} of ${topic}, partition ${partition}, has been handled for ${minutes} minutes`;
}
