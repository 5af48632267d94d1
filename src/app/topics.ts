import { openPlannedTopics } from '../adapters/kafka/open.ts';
import type { TopicChange } from '../adapters/kafka/topic-diff.ts';
import { OrdoError } from '../errors.ts';
import { kafkaConnection, topicsOf } from './open-log.ts';
import type { PipelineSpec, StageName } from './spec.ts';

export type { TopicChange };

/** How many processes of a stage are to share its topics. */
export type WantedConsumers = Readonly<Partial<Record<StageName, number>>>;

export interface TopicPlan {
  /** What differed. */
  changes: TopicChange[];
  /** What differs still. */
  left: TopicChange[];
  /** Stages that more processes are wanted of than there will be partitions: the rest would stand idle. */
  short: { stage: StageName; consumers: number; partitions: number }[];
}

/**
 * What must be changed on a pipeline's cluster for its topics to be as the pipeline file says, and, if `apply`, changes
 * it. Doing so again changes nothing. Topics with too few partitions grow only if `grow`: keys then move to other
 * partitions, so the records of a stream may for a moment overtake one another.
 * Errors: USAGE on the embedded log, which needs no such care; LOG_UNAVAILABLE, LOG_FORBIDDEN, LOG_REFUSED.
 */
export async function planTopics(
  spec: PipelineSpec,
  options: { consumers: WantedConsumers; apply: boolean; grow: boolean },
): Promise<TopicPlan> {
  const { log } = spec;
  if (log.type !== 'kafka') throw new OrdoError('USAGE', 'the embedded log makes its topics by itself');
  if (!spec.modelName) throw new OrdoError('MODEL_NOT_FOUND', `${spec.model} holds no manifest to name topics by`);
  const { prefix, replication, maxRecordBytes } = log;
  const connection = kafkaConnection(log, spec);
  const admin = openPlannedTopics({ ...connection, prefix, replication, maxRecordBytes });
  try {
    const changes = await admin.plan(topicsOf(spec));
    if (options.apply) await admin.apply(changes, options);
    const left = options.apply ? await admin.plan(topicsOf(spec)) : changes;
    return { changes, left, short: shortOf(spec, options.consumers) };
  } finally {
    await admin.close();
  }
}

function shortOf({ topics: { partitions } }: PipelineSpec, consumers: WantedConsumers): TopicPlan['short'] {
  const stages: StageName[] = ['tokenize', 'score', 'aggregate'];
  return stages.flatMap((stage) => {
    const wanted = consumers[stage] ?? 0;
    return wanted > partitions ? [{ stage, consumers: wanted, partitions }] : [];
  });
}
