import type { TopicSpec } from '../../ports/log.ts';
import type { Namespace } from './namespace.ts';
import type { TopicAdmin } from './topic-admin.ts';
import { diffTopics, type TopicChange } from './topic-diff.ts';
import { settingsOf, type TopicSettings } from './topics.ts';

export interface TopicsOptions {
  namespace: Namespace;
  maxRecordBytes: number;
  /** Replication factor of new topics; -1: the cluster's default. */
  replication: number;
  /** Settings besides those that Ordo sets. */
  topicSettings: TopicSettings;
}

/** The topics of a log on its cluster: what they should be, and what must be changed for that. */
export class Topics {
  readonly #admin: TopicAdmin;
  readonly #options: TopicsOptions;

  constructor(admin: TopicAdmin, options: TopicsOptions) {
    this.#admin = admin;
    this.#options = options;
  }

  /** What must be changed, by the cluster's names; nothing for topics that are as wanted. */
  async plan(topics: readonly TopicSpec[]): Promise<TopicChange[]> {
    const { namespace, maxRecordBytes, topicSettings } = this.#options;
    const wanted = topics.map(({ name, partitions, ...rest }) => ({
      name: namespace.outer(name),
      partitions,
      settings: { ...settingsOf(rest, maxRecordBytes), ...topicSettings },
    }));
    return diffTopics(wanted, await this.#admin.describe(wanted.map(({ name }) => name)));
  }

  /** Makes the changes. Topics with too few partitions grow only if `grow`. */
  apply(changes: readonly TopicChange[], { grow }: { grow: boolean }): Promise<void> {
    return this.#admin.apply(changes, { replication: this.#options.replication, grow });
  }

  close(): Promise<void> {
    return this.#admin.close();
  }
}
