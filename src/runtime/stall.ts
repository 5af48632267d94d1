import type { Holdings } from './holdings.ts';
import type { Entry } from './tracker.ts';

/**
 * Says of the record that has been handled for longest, if that is `stalledMs` or more, which one it is and for how long;
 * undefined where there is none. Calls that never settle are seen here and nowhere else: nothing fails in them.
 */
export function stallOf(holdings: Holdings, stalledMs: number, nowMs = performance.now()): string | undefined {
  const oldest = oldestOf(holdings.all().flatMap(({ tracker }) => tracker.oldest ?? []));
  if (!oldest || nowMs - oldest.takenMs < stalledMs) return undefined;
  const minutes = Math.floor((nowMs - oldest.takenMs) / 60_000);
  return `${phraseOf(oldest)} has been handled for ${minutes} minutes`;
}

/**
 * Says of the record that has been in hand for longest, of those that are tried again, why and which one it is; undefined
 * where there is none, or none was taken by `untilMs`. What the others do is no matter: it holds until that record was
 * handled or its partition went.
 */
export function retryOf(holdings: Holdings, untilMs = Number.POSITIVE_INFINITY): string | undefined {
  const oldest = oldestOf(holdings.all().flatMap(({ tracker }) => tracker.retried.slice(0, 1)));
  if (!oldest?.retried || oldest.takenMs > untilMs) return undefined;
  const { code, reason } = oldest.retried;
  return `${code}: ${reason} (${phraseOf(oldest)} is tried again)`;
}

function oldestOf(entries: readonly Entry[]): Entry | undefined {
  return entries.toSorted((a, b) => a.takenMs - b.takenMs)[0];
}

function phraseOf({ record: { topic, partition, offset } }: Entry): string {
  return `the record at offset ${offset} of ${topic}, partition ${partition},`;
}
