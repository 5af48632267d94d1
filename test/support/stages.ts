import { create } from '@bufbuild/protobuf';
import type { DecisionRule } from '../../src/domain/types.ts';
import type { LogRecord } from '../../src/ports/log.ts';
import type { NumericProfile, RoundScorer } from '../../src/ports/scorer.ts';
import { ImageRefSchema } from '../../src/records/gen/ordo/v1/records_pb.js';
import type { Message } from '../../src/stages/cloud-events.ts';
import type { StageContext } from '../../src/stages/context.ts';
import { createRouter } from '../../src/stages/router.ts';
import type { ModelShape } from '../../src/stages/state.ts';
import { logRecord } from './records.ts';
import { silent } from './silent.ts';

export const MODEL: ModelShape = {
  digest: new Uint8Array(32).fill(1),
  classes: ['a', 'b', 'c'],
  positions: 4,
  codes: 8,
};

const TOPICS = {
  images: 'images',
  tasks: 'tasks',
  tasksNext: 'tasks.next',
  evidence: 'evidence',
  labels: 'labels',
  deadLetters: 'dead-letters',
  resolved: 'resolved',
};

const RULE: DecisionRule = {
  plan: {
    kind: 'staged',
    screens: [{ prefix: 2, keep: 2 }],
    prefix: 4,
    maxOrders: 2,
    ordersPerRound: 1,
    bound: { errors: 2, floor: 1 },
  },
  statistic: 'mean-log-likelihood',
  temperature: 1,
  top: 2,
};

/** What stages share in tests: a model of three classes and four tokens, and a staged plan. */
export function stageContext(overrides: Partial<StageContext> = {}): StageContext {
  return {
    router: createRouter(TOPICS, 1),
    model: MODEL,
    rule: RULE,
    telemetry: silent.telemetry,
    now: () => 2000,
    ...overrides,
  };
}

export const IMAGE = create(ImageRefSchema, {
  source: 'urn:test',
  id: '1',
  stream: 's',
  capturedAtMs: 1000n,
  digest: new Uint8Array(32).fill(2),
});

export const PROFILE: NumericProfile = {
  modelDigest: '01'.repeat(32),
  precision: 'fp32',
  provider: 'cpu',
  runtime: 'test',
  cpu: 'test',
  threads: 1,
  tileRows: 4,
};

/** A scorer that gives class c the log-likelihood -10 nat x c in every order, on another profile if asked. */
export function stubScorer(profile: NumericProfile = PROFILE): RoundScorer {
  return {
    profile,
    scoreRound: async ({ orders, classes }) =>
      Int32Array.from(orders.flatMap(() => classes.map((classId) => -10 * 4096 * classId))),
  };
}

/** A message as a stage gets it from the log. */
export function received(topic: string, message: Message): LogRecord {
  return logRecord({ topic, ...message });
}
