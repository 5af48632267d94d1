import { assign } from '../../domain/assignment.ts';
import type { Cursor, Groups } from './groups.ts';
import type { Lease, Member } from './member.ts';

/** What a member found when it looked at its group. */
export interface Outcome {
  generation: number;
  seenMs: number;
  wokeMs: number;
  /** Held under an epoch that is over: the session had expired. */
  expired: Lease[];
  released: Lease[];
  won: { lease: Lease; metadata: string }[];
  /** Held, but to go to another member. */
  unwanted: Lease[];
}

/**
 * Part of its session for which a member that overslept it removes no others: the whole machine may have stood still
 * (suspended, starved), and those that slept just as long need time to give their signs of life.
 */
const WAKING = 1 / 2;

/**
 * One look of a member at its group, in one transaction: a sign of life, members without one removed, partitions that
 * it is done with let go, and free ones that should be its own taken. Nothing in memory changes; see Coordinator.
 */
export function synchronize(groups: Groups, member: Member, nowMs: number): Outcome {
  const { id, groupId } = member.row;
  const alive = groups.beat(member.row, nowMs);
  const wokeMs = member.generation >= 0 && member.isStale(nowMs) ? nowMs : member.wokeMs;
  if (nowMs - wokeMs >= WAKING * member.row.sessionMs) groups.expire(groupId, nowMs);
  if (!alive) groups.add(member.row, nowMs);
  const cursors = groups.cursors(groupId);
  const { expired, released, unwanted, held } = sortOut(member, cursors);
  if (released.length > 0) {
    const ids = released.map((lease) => lease.partitionId);
    groups.release(groupId, id, ids);
  }
  const target = assign(groups.members(groupId), holdings(cursors, released));
  const free = cursors.filter((cursor) => cursor.memberId === null || cursor.memberId === id);
  const won = free
    .filter((cursor) => target.get(cursor.partitionId) === id && !held.has(cursor.partitionId))
    .map((cursor) => take(groups, member, cursor));
  return {
    generation: groups.generation(groupId),
    seenMs: nowMs,
    wokeMs,
    expired,
    released,
    won,
    unwanted: unwanted.filter((lease) => target.get(lease.partitionId) !== id),
  };
}

/** What became of the member's leases. `unwanted` are candidates yet: all that are held and in use. */
function sortOut(member: Member, cursors: readonly Cursor[]) {
  const rows = new Map(cursors.map((cursor) => [cursor.partitionId, cursor]));
  const isMine = ({ partitionId, epoch }: Lease) => {
    const row = rows.get(partitionId);
    return row?.memberId === member.id && row.epoch === epoch;
  };
  const leases = [...member.leases.values()];
  const mine = leases.filter(isMine);
  const released = mine.filter((lease) => lease.state === 'releasing');
  const kept = mine.filter((lease) => lease.state !== 'releasing');
  return {
    expired: leases.filter((lease) => !isMine(lease)),
    released,
    unwanted: kept.filter((lease) => lease.state === 'held'),
    held: new Set(kept.map((lease) => lease.partitionId)),
  };
}

function holdings(cursors: readonly Cursor[], released: readonly Lease[]) {
  const freed = new Set(released.map((lease) => lease.partitionId));
  return cursors.map(({ topicId, partitionId, memberId }) => ({
    topic: topicId,
    partition: partitionId,
    member: memberId === null || freed.has(partitionId) ? undefined : memberId,
  }));
}

function take(groups: Groups, member: Member, cursor: Cursor): Outcome['won'][number] {
  const { topic, partition, topicId, partitionId, metadata } = cursor;
  const position = cursor.committed ?? (member.from === 'earliest' ? cursor.start : cursor.end);
  groups.take(member.row.groupId, partitionId, member.id, position);
  const lease = { topic, partition, topicId, partitionId, epoch: cursor.epoch + 1, position, state: 'held' } as const;
  return { lease, metadata };
}
