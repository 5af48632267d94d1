import { join } from 'node:path';
import type { PollOptions } from '../../ports/log.ts';
import { OrdoError } from '../../errors.ts';
import { Catalog } from './catalog.ts';
import { Coordinator } from './coordinator.ts';
import { type Database, openDatabase } from './database.ts';
import { Groups } from './groups.ts';
import type { Member } from './member.ts';
import { LOG_FILE } from './log-file.ts';
import { Offsets } from './offsets.ts';
import { pack, unpackRaw } from './packing.ts';
import { Place } from './place.ts';
import { Poller, POLL_BYTES } from './poller.ts';
import type { Argument, Calls, ConsumerEvent, Polled, WorkerOptions } from './protocol.ts';
import { Records } from './records.ts';
import { Retention } from './retention.ts';
import { Waiters } from './waiters.ts';
import { Watcher } from './watcher.ts';
import { Writer } from './writer.ts';

export type Handlers = { [K in keyof Calls]: (...args: Parameters<Calls[K]>) => Promise<ReturnType<Calls[K]>> };
export type Emit = (consumer: string, event: ConsumerEvent) => void;

/** The worker's side of the log: owns the database, answers the calls of the main thread. */
export class LogServer implements Omit<Handlers, 'open'> {
  readonly #database: Database;
  readonly #place: Place;
  readonly #writer: Writer;
  readonly #catalog: Catalog;
  readonly #records: Records;
  readonly #groups: Groups;
  readonly #offsets: Offsets;
  readonly #coordinator: Coordinator;
  readonly #poller: Poller;
  readonly #retention: Retention;
  readonly #watcher: Watcher;
  readonly #waiters = new Waiters(() => this.#watcher.start());

  static async open(options: WorkerOptions, emit: Emit): Promise<LogServer> {
    return new LogServer(await openDatabase(options), options, emit);
  }

  private constructor(database: Database, options: WorkerOptions, emit: Emit) {
    this.#database = database;
    this.#place = new Place(join(options.folder, LOG_FILE));
    this.#writer = new Writer(database);
    this.#catalog = new Catalog(database);
    this.#records = new Records(database, this.#catalog);
    this.#groups = new Groups(database);
    this.#offsets = new Offsets(database, this.#catalog, this.#groups);
    this.#poller = new Poller(this.#records, this.#catalog, emit);
    this.#coordinator = new Coordinator({
      writer: this.#writer,
      groups: this.#groups,
      catalog: this.#catalog,
      emit,
      sessionTimeoutMs: options.sessionTimeoutMs,
      wake: () => void this.#waiters.wake(),
    });
    this.#retention = new Retention(database, this.#writer, options.retentionIntervalMs);
    this.#watcher = new Watcher(database, () => this.#noticeOthers());
    this.#retention.start();
  }

  ensureTopics(topics: Argument<'ensureTopics'>) {
    return this.#writer.submit(() => this.#catalog.ensure(topics));
  }

  async topics() {
    return this.#catalog.list();
  }

  async publish(packed: Argument<'publish'>) {
    this.#place.require();
    const records = unpackRaw(packed);
    await this.#writer.submit(() => this.#records.append(records, Date.now()), bytesOf(packed.blocks));
    this.#announce();
  }

  async read({ topic, partition, offset, maxRecords, waitMs }: Argument<'read'>) {
    const { end } = this.#catalog.bounds(this.#catalog.partitionId({ topic, partition }));
    if (!Number.isInteger(offset) || offset > end) {
      throw new OrdoError(
        'LOG_OFFSET_INVALID',
        `offset ${offset} is outside ${topic}/${partition}, which ends at ${end}`,
      );
    }
    const found = await this.#waiters.until(() => {
      const budget = { records: maxRecords, bytes: POLL_BYTES };
      const records = this.#records.read({ topic, partition }, offset, maxRecords, budget);
      return records.length > 0 ? pack(records) : undefined;
    }, waitMs);
    return found ?? pack([]);
  }

  async committed(group: string) {
    return this.#offsets.committed(group);
  }

  async groups() {
    return this.#groups.list(Date.now());
  }

  resetOffsets({ group, offsets }: Argument<'resetOffsets'>) {
    return this.#writer.submit(() => this.#offsets.reset(group, offsets, Date.now()));
  }

  async join(request: Argument<'join'>) {
    await this.#coordinator.join(request);
    this.#watcher.start();
  }

  async leave(consumer: string) {
    await this.#coordinator.leave(consumer);
    this.#waiters.wake();
    this.#rest();
  }

  async poll({ consumer, ...options }: Argument<'poll'>) {
    this.#place.require();
    const member = this.#coordinator.member(consumer);
    if (member.isStale(Date.now())) await this.#coordinator.sync(member);
    const found = await this.#waiters.until(() => this.#take(member, options), options.waitMs);
    return found ?? { ...pack([]), epochs: [] };
  }

  async commit({ consumer, offsets, ...packed }: Argument<'commit'>) {
    this.#place.require();
    const { row } = this.#coordinator.member(consumer);
    const records = unpackRaw(packed);
    await this.#writer.submit(() => {
      const nowMs = Date.now();
      for (const offset of offsets) this.#offsets.commit(row, offset, nowMs);
      this.#records.append(records, nowMs);
    }, bytesOf(packed.blocks));
    if (records.length > 0) this.#announce();
  }

  async setPaused({ consumer, topics, paused }: Argument<'setPaused'>) {
    const member = this.#coordinator.member(consumer);
    for (const topic of topics) {
      if (paused) member.paused.add(topic);
      else member.paused.delete(topic);
    }
    if (!paused) this.#waiters.wake();
  }

  async revoked(revocation: string) {
    this.#coordinator.revoked(revocation);
  }

  async close() {
    this.#retention.stop();
    await this.#coordinator.close();
    this.#waiters.end();
    this.#watcher.stop();
    await this.#writer.idle();
    // Lets the answers to what has just ended go out first.
    await new Promise<void>((resolve) => void setImmediate(resolve));
    this.#database.close();
  }

  /** The next records, with the epochs they are handed out under; nothing, without waiting, once the member left. */
  #take(member: Member, { maxRecords, except }: PollOptions): Polled | undefined {
    const records = member.left ? [] : this.#poller.take(member, maxRecords, except);
    if (records.length === 0 && !member.left) return undefined;
    const packed = pack(records);
    return { ...packed, epochs: packed.partitions.map((partition) => member.epochOf(partition)) };
  }

  /** Wakes who waits for records; and others may soon answer what was published. */
  #announce(): void {
    if (this.#waiters.isEmpty) return;
    this.#waiters.wakeSoon();
    this.#watcher.hasten();
  }

  #noticeOthers(): boolean {
    this.#coordinator.noticeChanges();
    const served = this.#waiters.wake();
    this.#rest();
    return served;
  }

  /** Stops looking for the writes of others when nobody here waits for any. */
  #rest(): void {
    if (this.#coordinator.isEmpty && this.#waiters.isEmpty) this.#watcher.stop();
  }
}

function bytesOf(blocks: readonly ArrayBuffer[]): number {
  return blocks.reduce((sum, block) => sum + block.byteLength, 0);
}
