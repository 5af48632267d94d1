import { partitionOf } from '../domain/partition.ts';
import type { NewRecord } from '../ports/log.ts';
import type { EventType, Message } from './cloud-events.ts';

/** The topics of a pipeline, and the kind of record that each holds. */
export const RECORDS = {
  images: 'image',
  tasks: 'task',
  tasksNext: 'task',
  evidence: 'evidence',
  labels: 'label',
  deadLetters: 'dead-letter',
  resolved: 'resolution',
} as const satisfies Record<string, EventType>;

export type TopicKey = keyof typeof RECORDS;

/** The names of a pipeline's topics. */
export type Topics = Readonly<Record<TopicKey, string>>;

/** Addresses messages: the topic by name, the partition by the key. */
export interface Router {
  readonly topics: Topics;
  to<K extends TopicKey>(topic: K, message: Message<(typeof RECORDS)[K]>): NewRecord;
}

/** A router over topics of `partitions` partitions each. */
export function createRouter(topics: Topics, partitions: number): Router {
  return {
    topics,
    to: (topic, message) => ({ topic: topics[topic], partition: partitionOf(message.key, partitions), ...message }),
  };
}
