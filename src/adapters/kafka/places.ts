import type { TopicPartition } from '../../ports/log.ts';

/** The topics of the places, each once. */
export function topicsIn(places: readonly TopicPartition[]): string[] {
  return [...new Set(places.map(({ topic }) => topic))];
}

/** By topic, then by partition. */
export function inOrder<T extends TopicPartition>(places: readonly T[]): T[] {
  return places.toSorted((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));
}

/** The places of each topic, as requests of the protocol list them. */
export function byTopic<T extends TopicPartition, P>(places: readonly T[], toPartition: (place: T) => P) {
  const grouped = Map.groupBy(places, ({ topic }) => topic);
  return [...grouped].map(([topic, own]) => ({ topic, partitions: own.map(toPartition) }));
}
