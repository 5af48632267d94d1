import { OrdoError } from '../../errors.ts';
import type { TopicPartition } from '../../ports/log.ts';
import type { Namespace } from './namespace.ts';
import { topicsIn } from './places.ts';
import type { TopicAdmin } from './topic-admin.ts';

/** Knows how many partitions topics have, by the log's names. What was found once is not looked up again: topics only grow. */
export class Directory {
  readonly #admin: TopicAdmin;
  readonly #namespace: Namespace;
  readonly #partitions = new Map<string, number>();

  constructor(admin: TopicAdmin, namespace: Namespace) {
    this.#admin = admin;
    this.#namespace = namespace;
  }

  /** LOG_TOPIC_UNKNOWN unless all topics exist. */
  async requireTopics(topics: readonly string[]): Promise<void> {
    const missing = topics.filter((topic) => !this.#partitions.has(topic));
    if (missing.length > 0) await this.#look(missing);
    const unknown = topics.find((topic) => !this.#partitions.has(topic));
    if (unknown !== undefined) throw new OrdoError('LOG_TOPIC_UNKNOWN', `there is no topic ${unknown}`);
  }

  /** LOG_TOPIC_UNKNOWN unless all the partitions exist. */
  async requirePartitions(places: readonly TopicPartition[]): Promise<void> {
    const topics = topicsIn(places);
    await this.requireTopics(topics);
    if (!this.#outside(places)) return;
    await this.#look(topics);
    const unknown = this.#outside(places);
    if (unknown) throw new OrdoError('LOG_TOPIC_UNKNOWN', `there is no ${unknown.topic}/${unknown.partition}`);
  }

  #outside(places: readonly TopicPartition[]): TopicPartition | undefined {
    return places.find(({ topic, partition }) => !(partition >= 0 && partition < (this.#partitions.get(topic) ?? 0)));
  }

  async #look(topics: readonly string[]): Promise<void> {
    const found = await this.#admin.find(topics.map((topic) => this.#namespace.outer(topic)));
    for (const { name, partitions } of found) {
      const topic = this.#namespace.inner(name);
      if (topic !== undefined) this.#partitions.set(topic, partitions);
    }
  }
}
