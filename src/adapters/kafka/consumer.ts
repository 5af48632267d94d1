import { Once } from '../../concurrency/once.ts';
import { Signal } from '../../concurrency/signal.ts';
import { OrdoError } from '../../errors.ts';
import type {
  ConsumeOptions,
  Consumer,
  LogRecord,
  PartitionOffset,
  PollOptions,
  TopicPartition,
} from '../../ports/log.ts';
import { checkMetadata, OUTPUT_FACTOR } from '../../ports/log-limits.ts';
import { nameOf } from '../../ports/place-name.ts';
import { boundsAt, requireWithin } from './bounds.ts';
import { Commits } from './commits.ts';
import type { Connection } from './connection.ts';
import type { Directory } from './directory.ts';
import { isFinal, toOrdoError, translated } from './failures.ts';
import { FetchLoops } from './fetch-loops.ts';
import { Membership } from './membership.ts';
import { checkSizes, owned } from './messages.ts';
import type { Namespace } from './namespace.ts';
import { Ownership } from './ownership.ts';
import { goOn, tell } from './positions.ts';
import type { Publisher } from './publisher.ts';
import { type Shelf, Shelves } from './shelves.ts';
import { Takeover } from './takeover.ts';
import { Trouble } from './trouble.ts';

export interface KafkaConsumerParts {
  options: ConsumeOptions & { sessionTimeoutMs: number };
  namespace: Namespace;
  publisher: Publisher;
  directory: Directory;
  maxRecordBytes: number;
  /** Connections of the consumer's own: for membership, for fetches, and for commits and the rest. */
  connections: { membership: Connection; fetch: Connection; side: Connection };
  onClosed: () => void;
}

const LONG_POLL_MS = 250;
/** While some partitions are full, others must not wait long to be asked for again. */
const SHORT_POLL_MS = 20;

/** A member of a consumer group: membership, fetching and committing go on side by side, none waiting for the caller. */
export class KafkaConsumer implements Consumer {
  readonly #parts: KafkaConsumerParts;
  readonly #groupId: string;
  readonly #ownership = new Ownership();
  readonly #shelves: Shelves;
  readonly #takeover: Takeover;
  readonly #membership: Membership;
  readonly #commits: Commits;
  readonly #fetches: FetchLoops<Shelf>;
  readonly #stop = new AbortController();
  readonly #changed = new Signal();
  /** By the array of records: the caller repeats a commit of which the offsets were not taken. */
  readonly #publishing = new Once();
  readonly #troubles = { group: new Trouble(), takeover: new Trouble(), fetch: new Trouble() };
  /** Nothing can go on: the group can never be joined, or its partitions never be begun. */
  #fatal: OrdoError | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: KafkaConsumerParts) {
    const { options, namespace, connections } = parts;
    this.#parts = parts;
    this.#groupId = namespace.outer(options.group);
    this.#shelves = new Shelves(options.topics);
    this.#takeover = this.#openTakeover();
    this.#membership = new Membership({
      groupId: this.#groupId,
      topics: options.topics.map((topic) => namespace.outer(topic)),
      sessionTimeoutMs: options.sessionTimeoutMs,
      connection: connections.membership,
      side: connections.side,
      claims: () => namespace.outerPlaces(this.#ownership.claims()),
      onAssigned: (assigned) => this.#takeover.assign(assigned),
      onExpired: () => this.#takeover.expire(),
      onContact: () => this.#troubles.group.clear(),
      onTrouble: (error) => this.#troubles.group.note(error),
    });
    this.#membership.done.catch((error: unknown) => this.#end(error));
    this.#commits = new Commits({
      groupId: this.#groupId,
      namespace,
      connection: connections.side,
      membership: this.#membership,
      shelves: this.#shelves,
      fence: (offsets) => this.#fence(offsets),
    });
    this.#fetches = this.#openFetches();
  }

  async poll({ maxRecords, waitMs, except }: PollOptions): Promise<LogRecord[]> {
    this.#requireOpen();
    const over = () => this.#closing !== undefined || this.#fatal !== undefined;
    await this.#changed.until(() => this.#shelves.ready(except) || over(), waitMs);
    if (this.#closing) return [];
    if (this.#fatal) throw this.#fatal;
    this.#ownership.act();
    const { hungry } = this.#shelves;
    const records = this.#shelves.take(maxRecords, except);
    // Fetches go on by themselves; those of partitions that had no room are begun again.
    if (!hungry) this.#fetches.wake();
    if (records.length === 0 && this.#lasting) throw this.#lasting;
    return records;
  }

  async commit({ publish, offsets }: Parameters<Consumer['commit']>[0]): Promise<void> {
    this.#requireOpen();
    const { publisher, directory, maxRecordBytes } = this.#parts;
    const requireHeld = this.#fence(offsets);
    for (const { metadata } of offsets) checkMetadata(metadata);
    checkSizes(publish, OUTPUT_FACTOR * maxRecordBytes);
    await translated(() => directory.requirePartitions(publish));
    requireHeld();
    await this.#requireWithin(offsets);
    if (offsets.length > 0) await this.#membership.heard();
    requireHeld();
    await this.#publishing.run(publish, () => publisher.publish(publish.map(owned)));
    if (offsets.length > 0) await this.#commits.move(offsets, requireHeld);
  }

  pause(topics: readonly string[]): void {
    this.#shelves.pause(topics);
  }

  resume(topics: readonly string[]): void {
    this.#shelves.resume(topics);
    this.#changed.raise();
  }

  assignment(): TopicPartition[] {
    return this.#closing ? [] : this.#ownership.held();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { connections, onClosed } = this.#parts;
    this.#stop.abort();
    this.#changed.raise();
    await Promise.all([this.#membership.leave(), this.#fetches.close()]);
    await Promise.all(Object.values(connections).map((connection) => connection.close()));
    onClosed();
  }

  /**
   * Gives what throws LOG_FENCED unless the partitions are this member's, and have been so ever since; LOG_CLOSED once
   * it leaves, for then nothing says any more whose they are.
   */
  #fence(offsets: readonly PartitionOffset[]): () => void {
    const ownership = this.#ownership;
    const epochs = offsets.map((offset) => ownership.committable(offset));
    const kept = (epoch: number | undefined, now: number | undefined) => epoch !== undefined && epoch === now;
    return () => {
      this.#requireUnclosed();
      const lost = offsets.find((offset, index) => !kept(epochs[index], ownership.committable(offset)));
      if (lost) throw new OrdoError('LOG_FENCED', `${nameOf(lost)} does not belong to this consumer`);
    };
  }

  /** LOG_OFFSET_INVALID if an offset lies outside the log. Those of records that were handed out need no asking. */
  async #requireWithin(offsets: readonly PartitionOffset[]): Promise<void> {
    const doubtful = offsets.filter((one) => !(one.offset <= (this.#shelves.find(one)?.handedOut ?? -1)));
    if (doubtful.length === 0) return;
    const { namespace, connections } = this.#parts;
    await requireWithin(connections.side, namespace.outerPlaces(doubtful));
  }

  #openTakeover(): Takeover {
    const { options, namespace, connections } = this.#parts;
    return new Takeover({
      options,
      groupId: this.#groupId,
      namespace,
      ownership: this.#ownership,
      shelves: this.#shelves,
      connection: connections.side,
      signal: this.#stop.signal,
      onChanged: () => this.#wake(),
      onReleased: () => this.#membership.rejoin(),
      onTrouble: (error) => (isFinal(error) ? this.#end(error) : this.#troubles.takeover.note(error)),
      onStarted: () => this.#troubles.takeover.clear(),
    });
  }

  #openFetches(): FetchLoops<Shelf> {
    return new FetchLoops({
      connection: this.#parts.connections.fetch,
      wants: () => this.#shelves.wanting(),
      maxWaitMs: () => (this.#shelves.hungry ? LONG_POLL_MS : SHORT_POLL_MS),
      onFetched: (shelf, fetched) => {
        this.#troubles.fetch.clear();
        this.#shelves.put(shelf, fetched);
        if (fetched.messages.length > 0) this.#changed.raise();
        else this.#commits.pass(shelf);
      },
      onOutOfRange: (shelves) => this.#realign(shelves),
      onTrouble: (error) => this.#troubles.fetch.note(error),
    });
  }

  /** Goes on at an offset that the log has. */
  async #realign(shelves: readonly Shelf[]): Promise<void> {
    const bounds = await boundsAt(this.#parts.connections.fetch, shelves);
    for (const [index, own] of bounds.entries()) {
      const shelf = shelves[index];
      if (!shelf || shelf.leaving || !this.#shelves.holds(shelf)) continue;
      const position = { ...goOn(own, { offset: shelf.offset, metadata: '' }), topic: shelf.name };
      if (position.offset < shelf.offset) void this.#takeover.restart(position);
      else shelf.offset = position.offset;
      tell(this.#parts.options, position);
    }
  }

  /** What has kept this consumer from reading for a while. */
  get #lasting(): OrdoError | undefined {
    const { fetch, takeover, group } = this.#troubles;
    return fetch.lasting ?? takeover.lasting ?? group.lasting;
  }

  #wake(): void {
    this.#changed.raise();
    this.#fetches.wake();
  }

  #end(error: unknown): void {
    this.#fatal = toOrdoError(error);
    this.#changed.raise();
  }

  #requireOpen(): void {
    this.#requireUnclosed();
    if (this.#fatal) throw this.#fatal;
  }

  #requireUnclosed(): void {
    if (this.#closing) throw new OrdoError('LOG_CLOSED', 'the consumer was closed');
  }
}
