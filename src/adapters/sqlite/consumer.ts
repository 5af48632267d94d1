import { OrdoError } from '../../errors.ts';
import type { ConsumeOptions, Consumer, LogRecord, PollOptions, TopicPartition } from '../../ports/log.ts';
import { checkMetadata, OUTPUT_FACTOR } from '../../ports/log-limits.ts';
import { nameOf } from '../../ports/place-name.ts';
import type { Channel } from './channel.ts';
import { packWithin } from './limits.ts';
import { unpack } from './packing.ts';
import type { ConsumerEvent, FencedOffset, Won } from './protocol.ts';

interface ConsumerParts {
  channel: Channel;
  id: string;
  options: ConsumeOptions;
  maxRecordBytes: number;
}

interface Owned extends TopicPartition {
  epoch: number;
}

/** The main thread's side of a consumer. */
export class SqliteConsumer implements Consumer {
  readonly #parts: ConsumerParts;
  readonly #owned = new Map<string, Owned>();
  /**
   * The epochs that commits name: those of the last poll. A partition that was lost and won again since then has a new
   * one, so what was read before cannot be committed any more.
   */
  readonly #acting = new Map<string, number>();
  /** Callbacks that wait until the caller has the consumer in hand. */
  #held: (() => void)[] | undefined = [];

  constructor(parts: ConsumerParts) {
    this.#parts = parts;
    parts.channel.listen(parts.id, (event) => this.#receive(event));
  }

  /** Joins the group; the callbacks begin after the promise has been handed on. */
  async join(): Promise<void> {
    const { channel, id, options } = this.#parts;
    const { group, topics, from, sessionTimeoutMs } = options;
    try {
      const session = sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs };
      await channel.call('join', { consumer: id, group, topics, from, ...session });
    } catch (error) {
      channel.listen(id, undefined);
      throw error;
    }
    process.nextTick(() => this.#begin());
  }

  async poll(options: PollOptions): Promise<LogRecord[]> {
    const { channel, id } = this.#parts;
    const { epochs, ...packed } = await channel.call('poll', { consumer: id, ...options });
    for (const [name, { epoch }] of this.#owned) this.#acting.set(name, epoch);
    const current = new Set(
      packed.partitions
        .filter((partition, index) => this.#owned.get(nameOf(partition))?.epoch === epochs[index])
        .map(nameOf),
    );
    return unpack(packed).filter((record) => current.has(nameOf(record)));
  }

  async commit({ publish, offsets }: Parameters<Consumer['commit']>[0]): Promise<void> {
    const { channel, id, maxRecordBytes } = this.#parts;
    for (const { metadata } of offsets) checkMetadata(metadata);
    const fenced: FencedOffset[] = offsets.map((offset) => ({ ...offset, epoch: this.#epochOf(offset) }));
    await channel.call('commit', {
      consumer: id,
      offsets: fenced,
      ...packWithin(publish, OUTPUT_FACTOR * maxRecordBytes),
    });
  }

  pause(topics: readonly string[]): void {
    this.#setPaused(topics, true);
  }

  resume(topics: readonly string[]): void {
    this.#setPaused(topics, false);
  }

  assignment(): TopicPartition[] {
    return [...this.#owned.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  async close(): Promise<void> {
    const { channel, id } = this.#parts;
    channel.listen(id, undefined);
    this.#owned.clear();
    await channel.call('leave', id).catch((error: unknown) => {
      if (!(error instanceof OrdoError) || error.code !== 'LOG_CLOSED') throw error;
    });
  }

  #epochOf(partition: TopicPartition): number {
    const epoch = this.#acting.get(nameOf(partition));
    if (epoch !== undefined) return epoch;
    throw new OrdoError('LOG_FENCED', `${nameOf(partition)} does not belong to this consumer`);
  }

  #setPaused(topics: readonly string[], paused: boolean): void {
    const { channel, id } = this.#parts;
    // Fails only once the log or the consumer is closed, when nothing is handed out anyway.
    channel.call('setPaused', { consumer: id, topics, paused }).catch(() => undefined);
  }

  #receive(event: ConsumerEvent): void {
    const { onLost } = this.#parts.options;
    if (event.kind === 'assigned') this.#win(event.partitions);
    else if (event.kind === 'revoke') this.#notify(() => void this.#revoke(event));
    else if (event.kind === 'lost') this.#notify(() => onLost?.(event.partition, event.count));
    else this.#lose(event);
  }

  #win(partitions: readonly Won[]): void {
    for (const { topic, partition, epoch } of partitions) {
      const name = nameOf({ topic, partition });
      this.#owned.set(name, { topic, partition, epoch });
      if (!this.#acting.has(name)) this.#acting.set(name, epoch);
    }
    const told = partitions.map(({ topic, partition, offset, metadata }) => ({ topic, partition, offset, metadata }));
    this.#notify(() => this.#parts.options.onAssigned?.(told));
  }

  #lose({ kind, partitions }: Extract<ConsumerEvent, { kind: 'released' | 'expired' }>): void {
    for (const partition of partitions) this.#owned.delete(nameOf(partition));
    if (kind === 'expired') this.#notify(() => void this.#callRevoked(partitions));
  }

  async #revoke({ revocation, partitions }: Extract<ConsumerEvent, { kind: 'revoke' }>): Promise<void> {
    await this.#callRevoked(partitions);
    await this.#parts.channel.call('revoked', revocation).catch(() => undefined);
  }

  /** What the caller could not finish is fenced soon, and read again by the next owner: nothing to report. */
  async #callRevoked(partitions: readonly TopicPartition[]): Promise<void> {
    try {
      await this.#parts.options.onRevoked?.(partitions);
    } catch {
      // See above.
    }
  }

  #notify(callback: () => void): void {
    if (this.#held) this.#held.push(callback);
    else callback();
  }

  #begin(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const callback of held) callback();
  }
}
