import { partitionOf } from '../domain/partition.ts';
import type { NewRecord } from '../ports/log.ts';
import type { Message } from './cloud-events.ts';

/** The topics of a pipeline, by what they hold. */
export interface Topics {
  images: string;
  tasks: string;
  tasksNext: string;
  evidence: string;
  labels: string;
  deadLetters: string;
  resolved: string;
}

/** Addresses messages: the topic by name, the partition by the key. */
export interface Router {
  readonly topics: Topics;
  to(topic: keyof Topics, message: Message): NewRecord;
}

/** A router over topics of `partitions` partitions each. */
export function createRouter(topics: Topics, partitions: number): Router {
  return {
    topics,
    to: (topic, message) => ({ topic: topics[topic], partition: partitionOf(message.key, partitions), ...message }),
  };
}
