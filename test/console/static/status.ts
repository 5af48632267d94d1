import type { Status } from '../../../src/console/watch.ts';

/** What a page is told of a console that saw nothing yet, but for what is given. */
export function statusOf(fields: Partial<Status> = {}): Status {
  return {
    nowMs: 0,
    perSecond: [],
    rate: 0,
    latencyMs: { p50: null, p95: null },
    outcomes: { classified: 0, failed: 0, expired: 0 },
    accuracy: { right: 0, judged: 0 },
    perImage: { orders: null, rows: null },
    logEvidence: { classes: null, none: null, noneSeen: 0 },
    streams: { count: 0, more: false },
    lag: [],
    deadLetters: 0,
    problems: [],
    ...fields,
  };
}
