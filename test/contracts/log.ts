import type { LogOpener, LogTuning } from './log-harness.ts';
import { logConsumers } from './log-consumers.ts';
import { logGroups } from './log-groups.ts';
import { logModel } from './log-model.ts';
import { logRecords } from './log-records.ts';
import { logRetention } from './log-retention.ts';
import { logTopics } from './log-topics.ts';

/**
 * What ports/log.ts promises, for any adapter. `open` opens an empty log; what the adapter need not promise is told by
 * `log.atomicCommit` and `log.sparesUnread` alone, and how slow it may be by `tuning`.
 */
export function logContract(name: string, open: LogOpener, tuning: Partial<LogTuning> = {}): void {
  const defaults = { sessionTimeoutMs: 900, settleMs: 10_000, noticeMs: 0, retentionAgeMs: 300, modelRuns: 25 };
  const tuned: LogTuning = { ...defaults, ...tuning };
  describe(`${name} as a Log`, () => {
    for (const part of [logTopics, logRecords, logConsumers, logGroups, logRetention, logModel]) part(open, tuned);
  });
}
