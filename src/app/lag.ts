import { inputsOf } from '../domain/flow.ts';
import type { CommittedOffset, Log, TopicPartition } from '../ports/log.ts';
import { groupName, type PipelineNames, type StageName, topicNames } from './spec.ts';

/** How far a stage is behind on a partition. */
export interface PartitionLag extends TopicPartition {
  /** The oldest offset kept, and the offset that the next record will get. */
  start: number;
  end: number;
  /** Absent where the stage never committed: then it will begin at the start. */
  committed?: CommittedOffset;
  /** Records that the stage has yet to read. */
  lag: number;
}

/** The topics that a stage of a pipeline reads. */
export function stageInputs(pipeline: PipelineNames, stage: StageName): readonly string[] {
  return inputsOf(stage, topicNames(pipeline));
}

/** The consumer lag of a stage on every partition that it reads. Errors: those of the log. */
export async function stageLag(
  log: Pick<Log, 'topics' | 'committed'>,
  pipeline: PipelineNames,
  stage: StageName,
): Promise<PartitionLag[]> {
  const inputs = stageInputs(pipeline, stage);
  const [topics, commits] = await Promise.all([log.topics(inputs), log.committed(groupName(pipeline, stage))]);
  return topics.flatMap(({ name: topic, offsets }) =>
    offsets.map(({ start, end }, partition) => {
      const committed = commits.find((one) => one.topic === topic && one.partition === partition);
      const lag = Math.max(0, end - Math.max(start, committed?.offset ?? 0));
      return { topic, partition, start, end, ...(committed && { committed }), lag };
    }),
  );
}
