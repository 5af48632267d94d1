import { create } from '@bufbuild/protobuf';
import { checkRound } from '../domain/evidence.ts';
import { inputsOf } from '../domain/flow.ts';
import { ordersOf } from '../domain/orders.ts';
import type { Round } from '../domain/types.ts';
import type { Handler } from '../ports/handler.ts';
import type { LogRecord, NewRecord } from '../ports/log.ts';
import { profileFingerprint } from '../ports/profile.ts';
import type { RoundScorer } from '../ports/scorer.ts';
import {
  EvidenceSchema,
  ImageStateSchema,
  RoundEvidenceSchema,
  type ScoreTask,
} from '../records/gen/ordo/v1/records_pb.js';
import { decodeTask, encodeEvidence, type TraceHeaders } from './codec.ts';
import type { StageContext } from './context.ts';
import { countOutcomes, expiry, failure } from './outcome.ts';
import { firstTask } from './restart.ts';
import { type CheckedState, checkState, toRound } from './state.ts';
import { traced } from './traced.ts';

/**
 * tasks.next, tasks -> evidence: reads an image's tokens in the round's orders under the round's classes and adds the
 * log-likelihoods to the state. A state begun under another numeric profile starts again at the plan's first round.
 */
export function scoreStage(context: StageContext, scorer: RoundScorer): Handler {
  const { router, model } = context;
  const profile = profileFingerprint(scorer.profile);

  async function handle(record: LogRecord, trace: TraceHeaders): Promise<NewRecord[]> {
    const task = decodeTask(record);
    const checked = checkState(task.state, model);
    const expired = expiry(context, checked.image, trace);
    if (expired) return expired;
    const own = ownTask(task, checked, profile, context);
    const round = toRound(own.round);
    checkRound(round, model.classes.length, model.positions);
    const logLikelihoods = await scorer.scoreRound(requestOf(checked, round, model.digest));
    const entry = create(RoundEvidenceSchema, { round: own.round, logLikelihoods: [...logLikelihoods] });
    const evidence = [...(own.state?.evidence ?? []), entry];
    const state = create(ImageStateSchema, { ...checked.message, profile, evidence });
    return [router.to('evidence', encodeEvidence(create(EvidenceSchema, { state }), trace))];
  }

  return {
    name: 'score',
    inputs: inputsOf('score', router.topics),
    handle: traced(context, 'score', handle),
    onCommitted: (outputs) => countOutcomes(context, outputs),
    giveUp: (record, error, kept) =>
      failure(context, 'score', { record, kept }, error, (it) => decodeTask(it).state?.image),
  };
}

function ownTask(task: ScoreTask, begun: CheckedState, profile: string, context: StageContext): ScoreTask {
  if (begun.profile === '' || begun.profile === profile) return task;
  return firstTask(context, begun.message);
}

function requestOf({ image, tokens }: CheckedState, round: Round, modelDigest: Uint8Array) {
  const orders = ordersOf(modelDigest, image.digest, round, tokens.length);
  return { tokens, orders, prefix: round.prefix, classes: round.classes };
}
