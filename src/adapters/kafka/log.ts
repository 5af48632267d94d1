import type { Kafka } from 'kafkajs';
import { atMost } from '../../concurrency/at-most.ts';
import { Mutex } from '../../concurrency/mutex.ts';
import { OrdoError } from '../../errors.ts';
import type {
  CommittedOffset,
  ConsumeOptions,
  Consumer,
  GroupInfo,
  Log,
  LogRecord,
  NewRecord,
  PartitionOffset,
  ReadRequest,
  TopicInfo,
  TopicSpec,
} from '../../ports/log.ts';
import { checkMetadata } from '../../ports/log-limits.ts';
import { type Bounds, boundsAt, requireWithin } from './bounds.ts';
import { Connection } from './connection.ts';
import { KafkaConsumer } from './consumer.ts';
import { Directory } from './directory.ts';
import { protocolError, toOrdoError, translated } from './failures.ts';
import { listGroups } from './groups.ts';
import { checkSizes, type OwnedRecord, owned } from './messages.ts';
import { committedOf, toCommit } from './offsets.ts';
import { inOrder } from './places.ts';
import { Topics, type TopicsOptions } from './planned-topics.ts';
import { Publisher } from './publisher.ts';
import { Reader } from './reader.ts';
import { type FoundTopic, refuseGrowth, TopicAdmin } from './topic-admin.ts';
import type { TopicState } from './topic-diff.ts';
import { retentionOf } from './topics.ts';

export interface KafkaLogParts extends TopicsOptions {
  kafka: Kafka;
  sessionTimeoutMs: number;
}

/** How long `close` waits for calls under way. */
const CLOSE_MS = 3000;

/** The log on an Apache Kafka cluster. */
export class KafkaLog implements Log {
  readonly atomicCommit = false;
  readonly sparesUnread = false;
  readonly #parts: KafkaLogParts;
  readonly #topics: TopicAdmin;
  readonly #directory: Directory;
  readonly #publisher: Publisher;
  readonly #reader: Reader;
  readonly #control: Connection;
  /** Keeps the order of calls while topics are looked up. */
  readonly #entry = new Mutex();
  readonly #consumers = new Set<KafkaConsumer>();
  readonly #calls = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(parts: KafkaLogParts) {
    const { kafka, namespace, maxRecordBytes } = parts;
    this.#parts = parts;
    this.#topics = new TopicAdmin(kafka);
    this.#directory = new Directory(this.#topics, namespace);
    this.#publisher = new Publisher(kafka, { namespace, maxRecordBytes });
    this.#reader = new Reader(kafka);
    this.#control = new Connection(kafka);
  }

  async ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    this.#requireOpen();
    const planned = new Topics(this.#topics, this.#parts);
    const changes = await planned.plan(topics);
    refuseGrowth(changes);
    await planned.apply(changes, { grow: false });
    if (changes.some(({ create }) => create)) refuseGrowth(await planned.plan(topics));
  }

  async topics(names?: readonly string[]): Promise<TopicInfo[]> {
    this.#requireOpen();
    const { namespace } = this.#parts;
    const found = await this.#topics.find(names?.map((name) => namespace.outer(name)));
    const own = found.filter(({ name }) => namespace.inner(name) !== undefined);
    const [described, bounds] = await Promise.all([this.#topics.withSettings(own), this.#bounds(own)]);
    return described.map((topic) => this.#info(topic, bounds));
  }

  async publish(records: readonly NewRecord[]): Promise<void> {
    this.#requireOpen();
    checkSizes(records, this.#parts.maxRecordBytes);
    await this.#finishing(this.#publish(records.map(owned)));
  }

  async consume(options: ConsumeOptions): Promise<Consumer> {
    this.#requireOpen();
    await this.#directory.requireTopics(options.topics);
    const { kafka, namespace, sessionTimeoutMs, maxRecordBytes } = this.#parts;
    const consumer = new KafkaConsumer({
      options: { sessionTimeoutMs, ...options },
      namespace,
      publisher: this.#publisher,
      directory: this.#directory,
      maxRecordBytes,
      connections: { membership: new Connection(kafka), fetch: new Connection(kafka), side: new Connection(kafka) },
      onClosed: () => this.#consumers.delete(consumer),
    });
    this.#consumers.add(consumer);
    return consumer;
  }

  async read(request: ReadRequest): Promise<LogRecord[]> {
    this.#requireOpen();
    await this.#finishing(this.#directory.requirePartitions([request]));
    const outer = { ...request, topic: this.#parts.namespace.outer(request.topic) };
    const records = await this.#finishing(translated(() => this.#reader.read(outer)));
    return records.map((record) => ({ ...record, topic: request.topic }));
  }

  async committed(group: string): Promise<CommittedOffset[]> {
    this.#requireOpen();
    const { namespace } = this.#parts;
    const groupId = namespace.outer(group);
    const found = await translated(() => this.#control.coordinated(groupId, (broker) => committedOf(broker, groupId)));
    return inOrder(namespace.innerPlaces(found));
  }

  async groups(): Promise<GroupInfo[]> {
    this.#requireOpen();
    return this.#topics.call((admin) => listGroups(admin, this.#parts.namespace));
  }

  async resetOffsets(group: string, offsets: readonly PartitionOffset[]): Promise<void> {
    this.#requireOpen();
    for (const { metadata } of offsets) checkMetadata(metadata);
    await this.#directory.requirePartitions(offsets);
    const { namespace } = this.#parts;
    const groupId = namespace.outer(group);
    const outer = namespace.outerPlaces(offsets);
    await requireWithin(this.#control, outer);
    const stranger = { groupId, groupGenerationId: -1, memberId: '' };
    const topics = toCommit(outer, Date.now());
    try {
      await this.#control.coordinated(groupId, (broker) => broker.offsetCommit({ ...stranger, topics }));
    } catch (error) {
      if (protocolError(error) !== 'UNKNOWN_MEMBER_ID') throw toOrdoError(error);
      throw new OrdoError('LOG_FENCED', `group ${group} has live members`, { cause: error });
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#reader.end();
    await atMost(CLOSE_MS, Promise.allSettled(this.#calls));
    await Promise.all([...this.#consumers].map((consumer) => consumer.close()));
    await Promise.all([this.#publisher.close(), this.#reader.close()]);
    await Promise.all([this.#control.close(), this.#topics.close()]);
  }

  async #publish(records: readonly OwnedRecord[]): Promise<void> {
    const published = await this.#entry.run(async () => {
      await this.#directory.requirePartitions(records);
      return { done: this.#publisher.publish(records) };
    });
    await published.done;
  }

  /** Keeps `close` waiting for the call. */
  async #finishing<T>(call: Promise<T>): Promise<T> {
    this.#calls.add(call);
    try {
      return await call;
    } finally {
      this.#calls.delete(call);
    }
  }

  #bounds(topics: readonly FoundTopic[]): Promise<Bounds[]> {
    const places = topics.flatMap(({ name: topic, partitions }) =>
      Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
    );
    return translated(() => boundsAt(this.#control, places));
  }

  #info({ name: outer, partitions, settings }: TopicState, bounds: readonly Bounds[]): TopicInfo {
    const retention = retentionOf(settings);
    const name = this.#parts.namespace.inner(outer) ?? outer;
    const own = bounds.filter(({ topic }) => topic === outer);
    const offsets = own.map(({ start, end }) => ({ start, end }));
    return { name, partitions, ...(retention && { retention }), offsets };
  }

  #requireOpen(): void {
    if (this.#closing) throw new OrdoError('LOG_CLOSED', 'the log was closed');
  }
}
