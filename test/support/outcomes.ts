import { setTimeout as sleep } from 'node:timers/promises';
import { type PipelineNames, topicNames } from '../../src/app/spec.ts';
import { countOf, readTopic } from '../../src/app/verify/outcomes.ts';
import type { Log, LogRecord } from '../../src/ports/log.ts';

/** Waits until a pipeline has at least `count` outcomes, and gives them all. */
export async function outcomes(
  log: Log,
  pipeline: PipelineNames,
  count: number,
  limitMs = 60_000,
): Promise<LogRecord[]> {
  const { labels } = topicNames(pipeline);
  const end = Date.now() + limitMs;
  for (let seen = 0; (seen = await countOf(log, labels)) < count; await sleep(20)) {
    if (Date.now() > end) throw new Error(`after ${limitMs} ms ${seen} of ${count} outcomes`);
  }
  return readTopic(log, labels);
}
