import { stageLag } from '../app/lag.ts';
import { type PipelineNames, STAGES, type StageName } from '../app/spec.ts';
import type { Log } from '../ports/log.ts';

/** How many records a stage has yet to read. */
export interface StageLag {
  stage: StageName;
  records: number;
}

/** The consumer lag of every stage of a pipeline. Errors: those of the log. */
export async function stageLags(log: Log, pipeline: PipelineNames): Promise<StageLag[]> {
  return Promise.all(
    STAGES.map(async (stage) => {
      const partitions = await stageLag(log, pipeline, stage);
      return { stage, records: partitions.reduce((total, { lag }) => total + lag, 0) };
    }),
  );
}
