import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import { OrdoError } from '../../errors.ts';
import { Connection } from './connection.ts';
import { isBroken, protocolError, toOrdoError, translated } from './failures.ts';
import type { Cluster, ConfigEntry } from './kafkajs.ts';
import { repeat } from './repeat.ts';
import { mustGrow, type TopicChange, type TopicState } from './topic-diff.ts';
import type { TopicSettings } from './topics.ts';

export interface FoundTopic {
  name: string;
  partitions: number;
}

/** How long the cluster may take to create, grow or delete topics, and to tell all brokers. */
const TIMEOUT_MS = 15_000;
/** For questions: a broker that ends breaks the connections to it. */
const WHILE_BROKEN = { attempts: 4, pause: { firstMs: 50, mostMs: 500 }, after: isBroken };
const NOT_YET = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE']);

/** Topics of a cluster, by its own names. Errors: LOG_UNAVAILABLE, LOG_FORBIDDEN, LOG_REFUSED, LOG_CLOSED. */
export class TopicAdmin {
  readonly #admin: Admin;
  /** For settings: the admin asks for all topics of the cluster before it asks for these. */
  readonly #connection: Connection;
  #connecting: Promise<void> | undefined;
  #closed = false;

  constructor(kafka: Kafka) {
    this.#admin = kafka.admin();
    this.#connection = new Connection(kafka);
  }

  /** Those of the topics that exist; without names all of the cluster. */
  async find(names?: readonly string[]): Promise<FoundTopic[]> {
    if (names?.length === 0) return [];
    const topics = await repeat(() => this.call((admin) => this.#metadata(admin, names)), WHILE_BROKEN);
    const found = topics.map(({ name, partitions }) => ({ name, partitions: partitions.length }));
    return names ? found.filter(({ name }) => names.includes(name)) : found;
  }

  /** The topics with their settings, by name; those that do not exist are left out. */
  async describe(names: readonly string[]): Promise<Map<string, TopicState>> {
    const topics = await this.withSettings(await this.find(names));
    return new Map(topics.map((topic) => [topic.name, topic]));
  }

  /** Topics that were found, with their settings. */
  async withSettings(found: readonly FoundTopic[]): Promise<TopicState[]> {
    if (found.length === 0) return [];
    const settings = await this.#settings(found.map(({ name }) => name));
    return found.map((topic) => ({ ...topic, settings: valuesOf(settings.get(topic.name) ?? []) }));
  }

  /**
   * Makes the changes. `replication` is the replication factor of new topics; -1: the cluster's default. Topics with too
   * few partitions grow if `grow`, else they stay as they are.
   */
  async apply(changes: readonly TopicChange[], { replication, grow }: { replication: number; grow: boolean }) {
    const { true: created = [], false: present = [] } = Object.groupBy(changes, ({ create }) => `${create}` as const);
    if (created.length > 0) await this.#create(created, replication);
    const growing = grow ? present.filter(mustGrow) : [];
    if (growing.length > 0) await this.#grow(growing);
    const altered = present.filter(({ settings }) => settings.length > 0);
    if (altered.length > 0) await this.#alter(altered);
  }

  /** Deletes those of the topics that exist, with all that they hold. */
  async delete(names: readonly string[]): Promise<void> {
    const topics = (await this.find(names)).map(({ name }) => name);
    if (topics.length === 0) return;
    await this.call((admin) => admin.deleteTopics({ topics, timeout: TIMEOUT_MS }));
    await until(async () => (await this.find(topics)).length === 0);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#connecting?.catch(() => {});
    await Promise.all([this.#admin.disconnect().catch(() => {}), this.#connection.close()]);
  }

  /** kafkajs stumbles over its own null where no broker could answer. */
  async #metadata(admin: Admin, names?: readonly string[]) {
    return this.#listed(admin, names).catch((cause: unknown) => {
      if (!(cause instanceof TypeError)) throw cause;
      throw new OrdoError('LOG_UNAVAILABLE', 'Kafka: no broker knows the topics at the moment', { cause });
    });
  }

  async #listed(admin: Admin, names?: readonly string[]) {
    try {
      if (names) return (await admin.fetchTopicMetadata({ topics: [...names] })).topics;
    } catch (error) {
      // One topic that is not there fails the request for all.
      if (protocolError(error) !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error;
    }
    return (await admin.fetchTopicMetadata()).topics;
  }

  async #create(changes: readonly TopicChange[], replicationFactor: number): Promise<void> {
    const topics = changes.map(({ topic, partitions, settings }) => ({
      topic,
      numPartitions: partitions.to,
      replicationFactor,
      configEntries: settings.map(({ name, to }) => ({ name, value: to })),
    }));
    try {
      await this.call((admin) => admin.createTopics({ topics, waitForLeaders: false, timeout: TIMEOUT_MS }));
    } catch (error) {
      // Another process may have created some meanwhile: the rest was created all the same.
      if (!allExist(error)) throw error;
    }
    await until(() => this.#areLed(topics.map(({ topic }) => topic)));
  }

  /** kafkajs's own waiting for leaders fails where a broker does not know a topic yet. */
  async #areLed(names: readonly string[]): Promise<boolean> {
    try {
      const { topics } = await this.call((admin) => admin.fetchTopicMetadata({ topics: [...names] }));
      return topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0));
    } catch (error) {
      if (NOT_YET.has(protocolError(toOrdoError(error).cause) ?? '')) return false;
      throw error;
    }
  }

  #grow(changes: readonly TopicChange[]): Promise<unknown> {
    const topicPartitions = changes.map(({ topic, partitions }) => ({ topic, count: partitions.to }));
    return this.call((admin) => admin.createPartitions({ topicPartitions, timeout: TIMEOUT_MS }));
  }

  /** The request replaces all settings of a topic, so those of its own that stay are sent along; brokers have theirs. */
  async #alter(changes: readonly TopicChange[]): Promise<void> {
    const { TOPIC_CONFIG } = kafkajs.ConfigSource;
    const existing = await this.#settings(changes.map(({ topic }) => topic));
    const resources = changes.map(({ topic, settings }) => {
      const own = (existing.get(topic) ?? []).filter(({ configSource }) => configSource === TOPIC_CONFIG);
      const merged = { ...valuesOf(own), ...Object.fromEntries(settings.map(({ name, to }) => [name, to])) };
      const configEntries = Object.entries(merged).map(([name, value]) => ({ name, value }));
      return { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries };
    });
    await this.call((admin) => admin.alterConfigs({ resources, validateOnly: false }));
  }

  async #settings(names: readonly string[]): Promise<Map<string, ConfigEntry[]>> {
    const resources = names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name }));
    const describe = async (cluster: Cluster) =>
      (await cluster.findControllerBroker()).describeConfigs({ resources, includeSynonyms: false });
    const { resources: found } = await repeat(
      () => translated(() => this.#connection.run(names, describe)),
      WHILE_BROKEN,
    );
    return new Map(found.map(({ resourceName, configEntries }) => [resourceName, configEntries]));
  }

  /** Runs `work` with a connected client. */
  call<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    return translated(async () => {
      if (this.#closed) throw new OrdoError('LOG_CLOSED', 'the log was closed');
      await (this.#connecting ??= this.#connect());
      return work(this.#admin);
    });
  }

  async #connect(): Promise<void> {
    try {
      await this.#admin.connect();
    } catch (error) {
      this.#connecting = undefined;
      throw error;
    }
  }
}

/** Waits until the condition holds, or for as long as it may: a broker may lag for a moment behind what was asked for. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  const holds = () =>
    condition().catch((error: unknown) => {
      if (toOrdoError(error).retriable) return false;
      throw error;
    });
  while (!(await holds()) && performance.now() < deadline) await sleep(30);
}

function valuesOf(entries: readonly ConfigEntry[]): TopicSettings {
  return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
}

function allExist(error: unknown): boolean {
  const cause = toOrdoError(error).cause;
  const errors = cause instanceof Error && 'errors' in cause && Array.isArray(cause.errors) ? cause.errors : [];
  return errors.length > 0 && errors.every((one) => protocolError(one) === 'TOPIC_ALREADY_EXISTS');
}

/** LOG_TOPIC_CONFLICT if a topic has fewer partitions than wanted. */
export function refuseGrowth(changes: readonly TopicChange[]): void {
  const small = changes.find(mustGrow);
  if (!small) return;
  const { topic, partitions } = small;
  throw new OrdoError(
    'LOG_TOPIC_CONFLICT',
    `topic ${topic} has ${partitions.from} partitions, ${partitions.to} are wanted: see ordo topics plan`,
  );
}
