import { create } from '@bufbuild/protobuf';
import { decide } from '../domain/decide.ts';
import type { Round } from '../domain/types.ts';
import { OrdoError } from '../errors.ts';
import {
  type ImageState,
  ImageStateSchema,
  type ScoreTask,
  ScoreTaskSchema,
} from '../records/gen/ordo/v1/records_pb.js';
import type { StageContext } from './context.ts';
import { ruleOf } from './state.ts';

/** A task for one round of an image. */
export function taskFor(state: ImageState, round: Round): ScoreTask {
  return create(ScoreTaskSchema, { state, round: { ...round, classes: [...round.classes] } });
}

/** The task for the plan's first round, within the orders and classes that the state allows; what evidence it held is taken away. */
export function firstTask({ rule, model }: Pick<StageContext, 'rule' | 'model'>, state: ImageState): ScoreTask {
  const step = decide(ruleOf(rule, model, state), model.classes.length, []);
  if (step.kind !== 'round') throw new OrdoError('INTERNAL', 'a plan must begin with a round');
  return taskFor(create(ImageStateSchema, { ...state, profile: '', evidence: [] }), step.round);
}
