import { OrdoError } from '../../errors.ts';
import type { TopicPartition } from '../../ports/log.ts';
import type { MemberRow } from './groups.ts';

/** A partition that a member of this process holds. */
export interface Lease extends TopicPartition {
  partitionId: number;
  topicId: number;
  /** Grows each time the partition changes hands; a commit under an older one is fenced. */
  epoch: number;
  /** The offset of the next record to hand out. */
  position: number;
  /** Held; wanted elsewhere, while the owner finishes; or about to be let go. */
  state: 'held' | 'revoking' | 'releasing';
}

/** A consumer of this process, as the worker knows it. */
export class Member {
  readonly row: MemberRow;
  /** In order of priority. */
  readonly topics: readonly string[];
  readonly from: 'earliest' | 'latest';
  readonly leases = new Map<number, Lease>();
  readonly paused = new Set<string>();
  /** Of the group, when this member last looked at it. */
  generation = -1;
  /** Of the last sign of life that was written, milliseconds since 1970. */
  seenMs = 0;
  /** When it last found that it had given no sign of life for longer than its session. */
  wokeMs = -Infinity;
  left = false;
  /** Counts polls; the partitions of a topic take turns in being first. */
  turn = 0;

  constructor(row: MemberRow, topics: readonly string[], from: 'earliest' | 'latest') {
    this.row = row;
    this.topics = topics;
    this.from = from;
  }

  get id(): string {
    return this.row.id;
  }

  /** Whether others may have taken its partitions by now. */
  isStale(nowMs: number): boolean {
    return Math.abs(nowMs - this.seenMs) > this.row.sessionMs;
  }

  /** The epoch under which it holds the partition, or LOG_FENCED. */
  epochOf({ topic, partition }: TopicPartition): number {
    const lease = [...this.leases.values()].find((held) => held.topic === topic && held.partition === partition);
    if (lease) return lease.epoch;
    throw new OrdoError('LOG_FENCED', `${topic}/${partition} belongs to another consumer by now`);
  }
}
