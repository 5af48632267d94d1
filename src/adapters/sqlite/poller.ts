import type { TopicPartition } from '../../ports/log.ts';
import { nameOf } from '../../ports/place-name.ts';
import type { Catalog } from './catalog.ts';
import type { Lease, Member } from './member.ts';
import type { RawRecord } from './packing.ts';
import type { ConsumerEvent } from './protocol.ts';
import type { Budget, Records } from './records.ts';

/** Most bytes that one poll or read brings, unless its first record alone is larger. */
export const POLL_BYTES = 16 * 1024 * 1024;

/** One poll: what it may still bring, whom it brings nothing of, and what it found to be lost. */
interface Poll {
  readonly member: Member;
  readonly budget: Budget;
  readonly except: ReadonlySet<string>;
  readonly lost: ConsumerEvent[];
}

/** Hands out the next records of a member's partitions. */
export class Poller {
  readonly #records: Records;
  readonly #catalog: Catalog;
  readonly #emit: (consumer: string, event: ConsumerEvent) => void;

  constructor(records: Records, catalog: Catalog, emit: (consumer: string, event: ConsumerEvent) => void) {
    this.#records = records;
    this.#catalog = catalog;
    this.#emit = emit;
  }

  /**
   * Up to `maxRecords` records, earlier topics first, none of the partitions in `except`. The positions move past them,
   * or, where a read fails, stay all where they were.
   */
  take(member: Member, maxRecords: number, except: readonly TopicPartition[] = []): RawRecord[] {
    const budget = { records: maxRecords, bytes: POLL_BYTES };
    const poll: Poll = { member, budget, except: new Set(except.map(nameOf)), lost: [] };
    const before = [...member.leases.values()].map((lease) => ({ lease, position: lease.position }));
    try {
      const found = this.#takeTopics(poll);
      for (const event of poll.lost) this.#emit(member.id, event);
      return found;
    } catch (error) {
      for (const { lease, position } of before) lease.position = position;
      throw error;
    }
  }

  #takeTopics(poll: Poll): RawRecord[] {
    const { member } = poll;
    const topics = member.topics.filter((topic) => !member.paused.has(topic));
    const leases = Map.groupBy(member.leases.values(), (lease) => lease.topic);
    member.turn += 1;
    return topics.flatMap((topic) => this.#takeTopic(poll, inTurn(leases.get(topic) ?? [], member.turn)));
  }

  /** Shares what is left of the budget among the partitions; what one does not use goes to the others. */
  #takeTopic(poll: Poll, leases: readonly Lease[]): RawRecord[] {
    const { budget, except } = poll;
    const found: RawRecord[] = [];
    let active = leases.filter((lease) => lease.state === 'held' && !except.has(nameOf(lease)));
    while (active.length > 0 && budget.records > 0 && budget.bytes > 0) {
      const share = Math.ceil(budget.records / active.length);
      active = active.filter((lease) => {
        const records = this.#takePartition(poll, lease, share);
        for (const record of records) found.push(record);
        return records.length === share;
      });
    }
    return found;
  }

  #takePartition(poll: Poll, lease: Lease, limit: number): RawRecord[] {
    const { start, end } = this.#catalog.bounds(lease.partitionId);
    passOver(poll, lease, start);
    if (lease.position >= end) return [];
    const records = this.#records.read(lease, lease.position, limit, poll.budget);
    passOver(poll, lease, records[0]?.offset ?? lease.position);
    lease.position += records.length;
    return records;
  }
}

/** Records are numbered without gaps, so if the first one left is above the position, retention took those between. */
function passOver(poll: Poll, lease: Lease, offset: number): void {
  const count = offset - lease.position;
  if (count <= 0) return;
  lease.position = offset;
  const { topic, partition } = lease;
  poll.lost.push({ kind: 'lost', partition: { topic, partition }, count });
}

function inTurn(leases: readonly Lease[], turn: number): Lease[] {
  const ordered = leases.toSorted((a, b) => a.partition - b.partition);
  const first = turn % (ordered.length || 1);
  return [...ordered.slice(first), ...ordered.slice(0, first)];
}
