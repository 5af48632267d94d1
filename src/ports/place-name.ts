import type { TopicPartition } from './log.ts';

/** A partition's name, for maps and messages. */
export function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
