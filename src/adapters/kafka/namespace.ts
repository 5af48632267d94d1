import type { TopicPartition } from '../../ports/log.ts';

/** The names of a log on a cluster that it may share: each with the log's prefix before it. */
export class Namespace {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** The cluster's name of a topic or a group. */
  outer(name: string): string {
    return `${this.#prefix}${name}`;
  }

  /** The log's own name of it; undefined if it is not the log's. */
  inner(name: string): string | undefined {
    return name.startsWith(this.#prefix) ? name.slice(this.#prefix.length) : undefined;
  }

  /** The places by the cluster's names of their topics. */
  outerPlaces<T extends TopicPartition>(places: readonly T[]): T[] {
    return places.map((place) => ({ ...place, topic: this.outer(place.topic) }));
  }

  /** Those of the places that are the log's, by its own names of their topics. */
  innerPlaces<T extends TopicPartition>(places: readonly T[]): T[] {
    return places.flatMap((place) => {
      const topic = this.inner(place.topic);
      return topic === undefined ? [] : [{ ...place, topic }];
    });
  }
}
