import { groupName, STAGES, type StageName, topicNames } from '../app/spec.ts';
import type { Log, TopicInfo } from '../ports/log.ts';

/** How many records a stage has yet to read. */
export interface StageLag {
  stage: StageName;
  records: number;
}

const INPUTS = {
  tokenize: ['images'],
  score: ['tasks', 'tasksNext'],
  aggregate: ['evidence'],
} as const satisfies Record<StageName, readonly (keyof ReturnType<typeof topicNames>)[]>;

/** The consumer lag of every stage: records between what its group committed and the end of its topics. */
export async function stageLags(log: Log, topics: readonly TopicInfo[], pipeline: string): Promise<StageLag[]> {
  const names = topicNames(pipeline);
  return Promise.all(
    STAGES.map(async (stage) => {
      const committed = await log.committed(groupName(pipeline, stage));
      const inputs = topics.filter(({ name }) => INPUTS[stage].some((input) => names[input] === name));
      const lagOf = ({ name, offsets }: TopicInfo) =>
        offsets.reduce((total, { start, end }, partition) => {
          const own = committed.find((entry) => entry.topic === name && entry.partition === partition);
          return total + Math.max(0, end - Math.max(start, own?.offset ?? 0));
        }, 0);
      return { stage, records: inputs.reduce((total, topic) => total + lagOf(topic), 0) };
    }),
  );
}
