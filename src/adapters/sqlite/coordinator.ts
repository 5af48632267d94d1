import { randomUUID } from 'node:crypto';
import { OrdoError } from '../../errors.ts';
import type { Catalog } from './catalog.ts';
import type { Groups } from './groups.ts';
import { type Lease, Member } from './member.ts';
import type { ConsumerEvent, JoinRequest } from './protocol.ts';
import { type Outcome, synchronize } from './synchronize.ts';
import type { Writer } from './writer.ts';

export interface CoordinatorParts {
  writer: Writer;
  groups: Groups;
  catalog: Catalog;
  sessionTimeoutMs: number;
  emit(consumer: string, event: ConsumerEvent): void;
  /** Called when a member may have more to read than before. */
  wake(): void;
}

/** Signs of life per session. */
const BEATS = 4;

/**
 * Keeps this process' consumers in their groups. There is no leader: each member looks at the group's rows (at
 * intervals, and when the group's generation moved), computes the same assignment as the others, lets go of what is
 * not its own any more and takes what is free.
 */
export class Coordinator {
  readonly #parts: CoordinatorParts;
  readonly #members = new Map<string, Member>();
  readonly #syncs = new Map<Member, { running: Promise<void>; again: boolean }>();
  readonly #revocations = new Map<string, { member: Member; leases: Lease[]; timer: NodeJS.Timeout }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: CoordinatorParts) {
    this.#parts = parts;
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  /** The consumer, or LOG_CLOSED once it left. */
  member(id: string): Member {
    const member = this.#members.get(id);
    if (!member) throw new OrdoError('LOG_CLOSED', 'the consumer was closed');
    return member;
  }

  async join(request: JoinRequest): Promise<void> {
    const { writer, groups, catalog, sessionTimeoutMs } = this.#parts;
    const topics = request.topics.map((name) => catalog.topic(name).id);
    const groupId = await writer.submit(() => groups.ensure(request.group));
    const row = { id: request.consumer, groupId, topics, sessionMs: request.sessionTimeoutMs ?? sessionTimeoutMs };
    const member = new Member(row, request.topics, request.from);
    this.#members.set(member.id, member);
    try {
      await this.sync(member);
    } catch (error) {
      // A first look may have succeeded before; what it took would lie idle for a session.
      await this.leave(member.id).catch(() => undefined);
      throw error;
    }
    this.#schedule();
  }

  async leave(id: string): Promise<void> {
    const member = this.#members.get(id);
    if (!member) return;
    this.#members.delete(id);
    member.left = true;
    this.#schedule();
    for (const [key, { member: revoked }] of this.#revocations) if (revoked === member) this.#drop(key);
    await this.#syncs.get(member)?.running.catch(() => undefined);
    await this.#parts.writer.submit(() => this.#parts.groups.remove(id, member.row.groupId));
    this.noticeChanges();
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#members.keys()].map((id) => this.leave(id)));
  }

  /** Looks at the group now; a call during a look leads to one more after it. */
  sync(member: Member): Promise<void> {
    const current = this.#syncs.get(member);
    if (current) {
      current.again = true;
      return current.running;
    }
    const state = { running: Promise.resolve(), again: false };
    this.#syncs.set(member, state);
    state.running = this.#syncUntilSettled(member, state);
    return state.running;
  }

  /** Looks again at the groups whose members or leases others have changed. */
  noticeChanges(): void {
    for (const member of this.#members.values()) {
      if (this.#parts.groups.generation(member.row.groupId) !== member.generation) this.#syncSoon(member);
    }
  }

  /** The main thread has finished what it had of these partitions. */
  revoked(key: string): void {
    const revocation = this.#revocations.get(key);
    if (!revocation) return;
    this.#drop(key);
    for (const lease of revocation.leases) lease.state = 'releasing';
    this.#syncSoon(revocation.member);
  }

  async #syncUntilSettled(member: Member, state: { again: boolean }): Promise<void> {
    const { writer, groups } = this.#parts;
    try {
      do {
        state.again = false;
        const outcome = await writer.submit(() => synchronize(groups, member, Date.now()));
        if (!member.left) this.#apply(member, outcome);
      } while (state.again && !member.left);
    } finally {
      this.#syncs.delete(member);
    }
  }

  /** A failure (the disk is full, another process holds the lock) is tried again at the next beat. */
  #syncSoon(member: Member): void {
    this.sync(member).catch(() => undefined);
  }

  #apply(member: Member, { generation, seenMs, wokeMs, expired, released, won, unwanted }: Outcome): void {
    member.generation = generation;
    member.seenMs = seenMs;
    member.wokeMs = wokeMs;
    for (const lease of [...expired, ...released]) member.leases.delete(lease.partitionId);
    for (const { lease } of won) member.leases.set(lease.partitionId, lease);
    this.#tell(member, 'expired', expired);
    this.#tell(member, 'released', released);
    if (won.length > 0) {
      const partitions = won.map(({ lease: { topic, partition, position, epoch }, metadata }) => ({
        topic,
        partition,
        offset: position,
        metadata,
        epoch,
      }));
      this.#parts.emit(member.id, { kind: 'assigned', partitions });
      this.#parts.wake();
    }
    if (unwanted.length > 0) this.#revoke(member, unwanted);
    this.noticeChanges();
  }

  #tell(member: Member, kind: 'expired' | 'released', leases: readonly Lease[]): void {
    if (leases.length > 0) this.#parts.emit(member.id, { kind, partitions: leases.map(named) });
  }

  #revoke(member: Member, leases: Lease[]): void {
    const key = randomUUID();
    for (const lease of leases) lease.state = 'revoking';
    const timer = setTimeout(() => this.revoked(key), member.row.sessionMs / 3);
    this.#revocations.set(key, { member, leases, timer });
    this.#parts.emit(member.id, { kind: 'revoke', revocation: key, partitions: leases.map(named) });
  }

  #drop(key: string): void {
    clearTimeout(this.#revocations.get(key)?.timer);
    this.#revocations.delete(key);
  }

  #schedule(): void {
    clearInterval(this.#timer);
    if (this.isEmpty) return;
    const sessions = [...this.#members.values()].map((member) => member.row.sessionMs);
    this.#timer = setInterval(() => this.#beat(), Math.min(...sessions) / BEATS);
  }

  #beat(): void {
    for (const member of this.#members.values()) this.#syncSoon(member);
  }
}

const named = ({ topic, partition }: Lease) => ({ topic, partition });
