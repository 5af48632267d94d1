import type { Catalog } from './catalog.ts';
import type { Lease, Member } from './member.ts';
import type { RawRecord } from './packing.ts';
import type { ConsumerEvent } from './protocol.ts';
import type { Budget, Records } from './records.ts';

/** Most bytes that one poll or read brings, unless its first record alone is larger. */
export const POLL_BYTES = 16 * 1024 * 1024;

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

  /** Up to `maxRecords` records, earlier topics first; the positions move past them. */
  take(member: Member, maxRecords: number): RawRecord[] {
    const budget = { records: maxRecords, bytes: POLL_BYTES };
    const topics = member.topics.filter((topic) => !member.paused.has(topic));
    const leases = Map.groupBy(member.leases.values(), (lease) => lease.topic);
    member.turn += 1;
    return topics.flatMap((topic) => this.#takeTopic(member, inTurn(leases.get(topic) ?? [], member.turn), budget));
  }

  /** Shares what is left of the budget among the partitions; what one does not use goes to the others. */
  #takeTopic(member: Member, leases: readonly Lease[], budget: Budget): RawRecord[] {
    const found: RawRecord[] = [];
    let active = leases.filter((lease) => lease.state === 'held');
    while (active.length > 0 && budget.records > 0 && budget.bytes > 0) {
      const share = Math.ceil(budget.records / active.length);
      active = active.filter((lease) => {
        const records = this.#takePartition(member, lease, share, budget);
        for (const record of records) found.push(record);
        return records.length === share;
      });
    }
    return found;
  }

  #takePartition(member: Member, lease: Lease, limit: number, budget: Budget): RawRecord[] {
    const { start, end } = this.#catalog.bounds(lease.partitionId);
    this.#passOver(member, lease, start);
    if (lease.position >= end) return [];
    const records = this.#records.read(lease, lease.position, limit, budget);
    this.#passOver(member, lease, records[0]?.offset ?? lease.position);
    lease.position += records.length;
    return records;
  }

  /** Records are numbered without gaps, so if the first one left is above the position, retention took those between. */
  #passOver(member: Member, lease: Lease, offset: number): void {
    const count = offset - lease.position;
    if (count <= 0) return;
    lease.position = offset;
    const { topic, partition } = lease;
    this.#emit(member.id, { kind: 'lost', partition: { topic, partition }, count });
  }
}

function inTurn(leases: readonly Lease[], turn: number): Lease[] {
  const ordered = leases.toSorted((a, b) => a.partition - b.partition);
  const first = turn % (ordered.length || 1);
  return [...ordered.slice(first), ...ordered.slice(0, first)];
}
