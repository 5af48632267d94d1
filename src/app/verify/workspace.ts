import { openTopicAdmin } from '../../adapters/kafka/open.ts';
import type { TopicAdmin } from '../../adapters/kafka/topic-admin.ts';
import { OrdoError } from '../../errors.ts';
import { kafkaConnection, topicsOf } from '../open-log.ts';
import type { KafkaLogSpec, PipelineSpec } from '../spec.ts';

/** Nothing must lie on the log of a run before it begins. Errors: LOG_TOPIC_CONFLICT, and those of the log. */
export async function requireFresh(spec: PipelineSpec): Promise<void> {
  const { log } = spec;
  if (log.type !== 'kafka') return;
  const [found] = await withTopics(spec, log, (topics) => topics.find(ownTopics(spec, log)));
  if (!found) return;
  throw new OrdoError('LOG_TOPIC_CONFLICT', `there is a topic ${found.name} already: take another prefix`);
}

/** Deletes the topics of a run from its cluster. Their groups' offsets go with them, and the cluster forgets the groups. */
export async function discardLog(spec: PipelineSpec): Promise<void> {
  const { log } = spec;
  if (log.type !== 'kafka') return;
  await withTopics(spec, log, (topics) => topics.delete(ownTopics(spec, log)));
}

function ownTopics(spec: PipelineSpec, { prefix }: KafkaLogSpec): string[] {
  return topicsOf(spec).map(({ name }) => `${prefix}${name}`);
}

async function withTopics<R>(
  spec: PipelineSpec,
  log: KafkaLogSpec,
  work: (topics: TopicAdmin) => Promise<R>,
): Promise<R> {
  const topics = openTopicAdmin(kafkaConnection(log, spec));
  try {
    return await work(topics);
  } finally {
    await topics.close();
  }
}
