import { openSqliteLog } from '../adapters/sqlite/open.ts';
import type { Log, TopicSpec } from '../ports/log.ts';
import { type PipelineSpec, topicNames } from './spec.ts';

/** Opens a pipeline's log and creates the topics that are missing. Errors: LOG_UNAVAILABLE, LOG_CORRUPT, LOG_TOPIC_CONFLICT. */
export async function openLog(spec: PipelineSpec): Promise<Log> {
  const { folder, sessionTimeoutMs } = spec.log;
  const log = await openSqliteLog({ folder, sessionTimeoutMs });
  try {
    await log.ensureTopics(topicsOf(spec));
    return log;
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** The topics a pipeline needs. */
export function topicsOf({ name, topics }: Pick<PipelineSpec, 'name' | 'topics'>): TopicSpec[] {
  const { partitions, retention } = topics;
  return Object.values(topicNames(name)).map((topic) => ({ name: topic, partitions, retention }));
}
