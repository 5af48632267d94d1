import { OrdoError } from '../../src/errors.ts';
import type { Blobs } from '../../src/ports/blobs.ts';
import type { Handler } from '../../src/ports/handler.ts';
import type { LogRecord, NewRecord } from '../../src/ports/log.ts';
import type { Tokenizer } from '../../src/ports/tokenizer.ts';
import { aggregateStage } from '../../src/stages/aggregate.ts';
import type { StageContext } from '../../src/stages/context.ts';
import { scoreStage } from '../../src/stages/score.ts';
import { tokenizeStage } from '../../src/stages/tokenize.ts';
import { logRecord } from './records.ts';
import { stubScorer } from './stages.ts';

const tokenizer: Tokenizer = {
  tokenize: async () => ({
    tokens: Uint16Array.from([1, 2, 3, 4]),
    digest: new Uint8Array(32).fill(7),
    format: 'png',
    width: 2,
    height: 2,
  }),
  close: async () => {},
};
const blobs: Blobs = {
  read: async () => new Uint8Array(1),
  write: () => Promise.reject(new Error('nothing is written')),
  renew: async () => {},
};

/** All stages, by name. */
export function stagesOf(context: StageContext): Record<'tokenize' | 'score' | 'aggregate', Handler> {
  return {
    tokenize: tokenizeStage(context, { tokenizer, blobs }),
    score: scoreStage(context, stubScorer()),
    aggregate: aggregateStage(context),
  };
}

/** What a stage wrote. */
export interface Written {
  stage: string;
  record: NewRecord;
}

/**
 * Everything that stages write on an image's ways through the pipeline: to its label in two rounds, begun again under
 * another plan, expired before each stage, and given up at each.
 */
export async function everythingWritten(image: NewRecord, context: StageContext): Promise<Written[]> {
  const written: Written[] = [];
  const note = (stage: string, records: NewRecord[]): LogRecord => {
    written.push(...records.map((record) => ({ stage, record })));
    return logRecord(records[0]);
  };
  const ways = stagesOf(context);
  const expiring = stagesOf({ ...context, maxAgeMs: 1 });
  const replanned = stagesOf({ ...context, rule: { ...context.rule, plan: { kind: 'fixed', orders: 2, prefix: 4 } } });
  const through = async (stage: keyof typeof ways, record: LogRecord): Promise<LogRecord> => {
    note(stage, ways[stage].giveUp(record, new OrdoError('INTERNAL', 'given up')));
    note(stage, await expiring[stage].handle(record));
    return note(stage, await ways[stage].handle(record));
  };
  const evidence = await through('score', await through('tokenize', logRecord(image)));
  note('aggregate', await replanned.aggregate.handle(evidence));
  await through('aggregate', await through('score', await through('aggregate', evidence)));
  return written;
}
