import { randomUUID } from 'node:crypto';
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
import type { Channel } from './channel.ts';
import { SqliteConsumer } from './consumer.ts';
import { packWithin } from './limits.ts';
import { unpack } from './packing.ts';

/** The main thread's side of the log. */
export class SqliteLog implements Log {
  readonly atomicCommit = true;
  readonly sparesUnread = true;
  readonly #channel: Channel;
  readonly #maxRecordBytes: number;
  #closing: Promise<void> | undefined;

  constructor(channel: Channel, maxRecordBytes: number) {
    this.#channel = channel;
    this.#maxRecordBytes = maxRecordBytes;
  }

  ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    return this.#channel.call('ensureTopics', topics);
  }

  async topics(names?: readonly string[]): Promise<TopicInfo[]> {
    const topics = await this.#channel.call('topics', undefined);
    return names ? topics.filter(({ name }) => names.includes(name)) : topics;
  }

  async publish(records: readonly NewRecord[]): Promise<void> {
    await this.#channel.call('publish', packWithin(records, this.#maxRecordBytes));
  }

  async consume(options: ConsumeOptions): Promise<Consumer> {
    const parts = { channel: this.#channel, id: randomUUID(), options, maxRecordBytes: this.#maxRecordBytes };
    const consumer = new SqliteConsumer(parts);
    await consumer.join();
    return consumer;
  }

  async read(request: ReadRequest): Promise<LogRecord[]> {
    return unpack(await this.#channel.call('read', request));
  }

  committed(group: string): Promise<CommittedOffset[]> {
    return this.#channel.call('committed', group);
  }

  groups(): Promise<GroupInfo[]> {
    return this.#channel.call('groups', undefined);
  }

  async resetOffsets(group: string, offsets: readonly PartitionOffset[]): Promise<void> {
    for (const { metadata } of offsets) checkMetadata(metadata);
    await this.#channel.call('resetOffsets', { group, offsets });
  }

  close(): Promise<void> {
    this.#closing ??= this.#channel.close();
    return this.#closing;
  }
}
