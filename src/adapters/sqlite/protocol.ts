import type {
  CommittedOffset,
  GroupInfo,
  PartitionOffset,
  PollOptions,
  TopicInfo,
  TopicPartition,
  TopicSpec,
} from '../../ports/log.ts';
import type { Failure } from './failures.ts';
import type { PackedRecords } from './packing.ts';

/** What the worker needs to open the log; everything filled in. */
export interface WorkerOptions {
  folder: string;
  sessionTimeoutMs: number;
  retentionIntervalMs: number;
  /** Most bytes of the database file. Absent: the disk's. */
  maxFileBytes?: number;
}

/** A partition as won: where to start, and the epoch that commits must name. */
export interface Won extends PartitionOffset {
  epoch: number;
}

/** An offset to commit, under the epoch in which the caller was handed the records. */
export interface FencedOffset extends PartitionOffset {
  epoch: number;
}

/** Records of a poll, and the epoch of each of their partitions, in the order of `records.partitions`. */
export interface Polled extends PackedRecords {
  epochs: number[];
}

/** What the main thread asks of the worker. `consumer` is the member's id in its group. */
export interface Calls {
  open(options: WorkerOptions): void;
  ensureTopics(topics: readonly TopicSpec[]): void;
  topics(): TopicInfo[];
  publish(records: PackedRecords): void;
  read(request: TopicPartition & { offset: number; maxRecords: number; waitMs: number }): PackedRecords;
  committed(group: string): CommittedOffset[];
  groups(): GroupInfo[];
  resetOffsets(request: { group: string; offsets: readonly PartitionOffset[] }): void;
  join(request: JoinRequest): void;
  leave(consumer: string): void;
  poll(request: { consumer: string } & PollOptions): Polled;
  commit(request: CommitRequest): void;
  setPaused(request: { consumer: string; topics: readonly string[]; paused: boolean }): void;
  /** The main thread is done with what the `revoke` event asked. */
  revoked(revocation: string): void;
  close(): void;
}

export type Argument<K extends keyof Calls> = Parameters<Calls[K]>[0];

export interface JoinRequest {
  consumer: string;
  group: string;
  topics: readonly string[];
  from: 'earliest' | 'latest';
  sessionTimeoutMs?: number;
}

export interface CommitRequest extends PackedRecords {
  consumer: string;
  offsets: readonly FencedOffset[];
}

/** What the worker tells of a consumer, in the order in which it happens. */
export type ConsumerEvent =
  | { kind: 'assigned'; partitions: Won[] }
  /** The partitions are wanted elsewhere; they are let go when `revoked` is called or its time is up. */
  | { kind: 'revoke'; revocation: string; partitions: TopicPartition[] }
  /** The partitions were let go after a `revoke`. */
  | { kind: 'released'; partitions: TopicPartition[] }
  /** The session had expired, and the partitions went to others or may have. */
  | { kind: 'expired'; partitions: TopicPartition[] }
  | { kind: 'lost'; partition: TopicPartition; count: number };

export type ToWorker = { [K in keyof Calls]: { id: number; call: K; argument: Argument<K> } }[keyof Calls];

export type FromWorker =
  | { id: number; result: unknown }
  | { id: number; failure: Failure }
  | { consumer: string; event: ConsumerEvent };
