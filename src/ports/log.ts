/**
 * The Log port: topics of partitioned, keyed, ordered, durable records, read by consumer groups.
 *
 * What every adapter promises (test/contracts/log.ts checks it):
 * - A record whose publish resolved is durable: it survives the death of any process at any moment.
 * - Within a partition records keep the order in which they were published, and offsets only grow.
 * - In a group each partition has at most one owner. A consumer that dies or hangs loses its partitions to the
 *   others after the session timeout; the next owner starts at the committed offset.
 * - `commit` publishes first and moves the offsets after: at least once. Where `atomicCommit` is true both happen in
 *   one step or not at all. A consumer that lost a partition cannot commit to it: LOG_FENCED, and nothing is written.
 * - Where `sparesUnread` is true, retention never deletes a record that a group with live members, or one seen within the
 *   retention age, has yet to read. Elsewhere it may; either way the group is told how many it lost (`onLost`).
 *
 * Errors: LOG_UNAVAILABLE and LOG_FULL are passing (the caller retries), LOG_CORRUPT and LOG_CLOSED are final,
 * LOG_TOPIC_UNKNOWN and RECORD_TOO_LARGE are the caller's. A commit takes records four times as large as `publish`, so
 * that a dead letter can hold the largest record whole.
 */
export interface Log {
  /** Whether `Consumer.commit` publishes and commits in one step. */
  readonly atomicCommit: boolean;
  /** Whether retention waits for readers. */
  readonly sparesUnread: boolean;

  /** Creates what is missing. A topic that exists with fewer partitions is LOG_TOPIC_CONFLICT; retention is updated. */
  ensureTopics(topics: readonly TopicSpec[]): Promise<void>;

  /** The topics of the log, or those of the names given that exist. */
  topics(names?: readonly string[]): Promise<TopicInfo[]>;

  /** Appends the records; resolves when all are durable. All of one call to one partition keep their order. */
  publish(records: readonly NewRecord[]): Promise<void>;

  /** Joins a consumer group. */
  consume(options: ConsumeOptions): Promise<Consumer>;

  /**
   * Reads without a group: up to `maxRecords` records of a partition from `offset` on, waiting up to `waitMs` for the
   * first. An offset below the log's start reads from the start.
   */
  read(request: ReadRequest): Promise<LogRecord[]>;

  /** The offsets that a group has committed, for every partition of the topics it ever committed to. */
  committed(group: string): Promise<CommittedOffset[]>;

  /** All groups that ever committed or joined, with their live members. */
  groups(): Promise<GroupInfo[]>;

  /** Sets a group's offsets. LOG_FENCED while the group has live members. */
  resetOffsets(group: string, offsets: readonly PartitionOffset[]): Promise<void>;

  close(): Promise<void>;
}

export interface TopicSpec {
  name: string;
  /** 1 or more. */
  partitions: number;
  /** Written by `publish` alone, never by a commit, so that its records are no larger than that takes. */
  inputOnly?: boolean;
  /** Records beyond either bound are deleted, oldest first. Absent: kept for good. */
  retention?: { maxBytes?: number; maxAgeMs?: number };
}

export interface TopicInfo extends TopicSpec {
  /** By partition: the oldest offset kept, and the offset that the next record will get. */
  offsets: { start: number; end: number }[];
}

export interface NewRecord {
  topic: string;
  /** Chosen by the caller (domain/partition.ts), never by the adapter. */
  partition: number;
  key: Uint8Array;
  headers: Readonly<Record<string, string>>;
  value: Uint8Array;
}

export interface LogRecord extends NewRecord {
  offset: number;
  /** When the log took it, milliseconds since 1970. */
  timestampMs: number;
}

export interface TopicPartition {
  topic: string;
  partition: number;
}

export interface PartitionOffset extends TopicPartition {
  /** The offset of the next record to read. */
  offset: number;
  /** Travels with the offset; up to 4000 bytes. */
  metadata: string;
}

export interface CommittedOffset extends PartitionOffset {
  /** Absent where another client committed it to a log that does not tell. */
  committedAtMs?: number;
}

export interface GroupInfo {
  group: string;
  members: { id: string; partitions: TopicPartition[] }[];
}

export interface ReadRequest extends TopicPartition {
  offset: number;
  maxRecords: number;
  waitMs: number;
}

export interface ConsumeOptions {
  group: string;
  /** In order of priority: of what has come to the consumer, `poll` hands out records of an earlier topic first. */
  topics: readonly string[];
  /** Where a partition without a committed offset is started. */
  from: 'earliest' | 'latest';
  /** After this long without a sign of life a member loses its partitions. */
  sessionTimeoutMs?: number;
  /**
   * Told each time partitions were won, with the committed position of each (metadata '' where none); and of one that
   * begins anew further back, because the log has lost what was there, after `onRevoked` for it.
   */
  onAssigned?: (partitions: readonly PartitionOffset[]) => void;
  /**
   * Told when partitions are to go to another member. The adapter waits for the promise, up to a third of the session
   * timeout, so that finished work can still be committed; afterwards commits to them are fenced. Also told, after the
   * fact, of partitions lost because the session had expired.
   */
  onRevoked?: (partitions: readonly TopicPartition[]) => Promise<void>;
  /** Told when records were deleted by retention before the group read them: `count` are lost to it. */
  onLost?: (partition: TopicPartition, count: number) => void;
  /** Told when a partition with records is read from its start though `from` alone may not be why. */
  onRestarted?: (partition: TopicPartition, restart: Restart) => void;
}

/** Why a partition is read from its start. */
export interface Restart {
  /**
   * The offset where the group stood, which the log does not have: the topic was created anew or has lost its tail.
   * Absent: the group has committed nothing, as at its first start, or the log has forgotten what it had.
   */
  from?: number;
  /** Records that are there to read. */
  records: number;
}

export interface PollOptions {
  maxRecords: number;
  waitMs: number;
  /** Partitions of which nothing is to be handed out this time. */
  except?: readonly TopicPartition[];
}

export interface Consumer {
  /**
   * The next records of the owned partitions that are not paused, each record once between two assignments. Waits up
   * to `waitMs` for the first. Heartbeats do not rest on being polled. A poll that fails has handed out nothing.
   */
  poll(options: PollOptions): Promise<LogRecord[]>;

  /**
   * Publishes `publish`, then moves the group's offsets: see the promises above. Either part may be empty. A commit that
   * failed may be repeated with the same array of records: what was published by then is not published again.
   */
  commit(request: { publish: readonly NewRecord[]; offsets: readonly PartitionOffset[] }): Promise<void>;

  /** Stops handing out records of the topics until `resume`. */
  pause(topics: readonly string[]): void;
  resume(topics: readonly string[]): void;

  /** The partitions owned at this moment. */
  assignment(): TopicPartition[];

  /** Leaves the group, so that the others take over at once. */
  close(): Promise<void>;
}
