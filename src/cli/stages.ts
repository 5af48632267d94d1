import { type StageName, topicNames } from '../app/spec.ts';

/** The topics that a stage of a pipeline reads. */
export function stageInputs(pipeline: string, stage: StageName): readonly string[] {
  const { images, tasks, tasksNext, evidence } = topicNames(pipeline);
  return { tokenize: [images], score: [tasksNext, tasks], aggregate: [evidence] }[stage];
}
