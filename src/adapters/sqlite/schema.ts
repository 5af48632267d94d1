/** PRAGMA application_id of an Ordo log: "Ordo" in ASCII. */
export const APPLICATION_ID = 0x4f72646f;

/** PRAGMA user_version of the schema below. */
export const SCHEMA_VERSION = 1;

/** Low bits of a record's id that are its offset; the rest is its partition's id. Both stay below 2^53. */
const OFFSET_BITS = 42;

/** SQL for the record id of an offset in a partition. */
export const recordId = (partitionId: string, offset: string) => `((${partitionId} << ${OFFSET_BITS}) | ${offset})`;

/** SQL for the offset in a record's id. */
export const OFFSET_OF_ID = `(id & ${2 ** OFFSET_BITS - 1})`;

/** SQL for: the record is of the partition, at the offset or after it. */
export const recordsFrom = (partitionId: string, offset: string) =>
  `id >= ${recordId(partitionId, offset)} AND id < ${recordId(`(${partitionId} + 1)`, '0')}`;

/** SQL for: the record is of the partition, its offset in [from, to). */
export const recordsBetween = (partitionId: string, from: string, to: string) =>
  `id >= ${recordId(partitionId, from)} AND id < ${recordId(partitionId, to)}`;

/**
 * A record's id is (partition, offset) in one integer, so the records are one B-tree without an index beside it:
 * appending and reading take the same few page reads however long the log is.
 *
 * `partitions` keeps the bounds and the size of each partition, so that lag and retention need not count records.
 * `cursors` is where a group stands in a partition: who holds the lease, under which epoch, what is committed.
 * `position` is where the lease was taken up; it stands in for an offset until there is one.
 * `subscriptions` tells retention which groups still want a topic.
 */
export const SCHEMA = `
CREATE TABLE topics (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  max_bytes INTEGER,
  max_age_ms INTEGER
);
CREATE TABLE partitions (
  id INTEGER PRIMARY KEY,
  topic_id INTEGER NOT NULL REFERENCES topics (id),
  number INTEGER NOT NULL,
  start_offset INTEGER NOT NULL DEFAULT 0,
  end_offset INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  UNIQUE (topic_id, number)
);
CREATE TABLE records (
  id INTEGER PRIMARY KEY,
  timestamp_ms INTEGER NOT NULL,
  key BLOB NOT NULL,
  headers TEXT NOT NULL,
  value BLOB NOT NULL
);
CREATE TABLE groups (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  generation INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE members (
  id TEXT PRIMARY KEY,
  group_id INTEGER NOT NULL REFERENCES groups (id),
  topics TEXT NOT NULL,
  session_ms INTEGER NOT NULL,
  seen_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX members_by_group ON members (group_id);
CREATE TABLE subscriptions (
  group_id INTEGER NOT NULL REFERENCES groups (id),
  topic_id INTEGER NOT NULL REFERENCES topics (id),
  session_ms INTEGER NOT NULL,
  seen_ms INTEGER NOT NULL,
  PRIMARY KEY (group_id, topic_id)
) WITHOUT ROWID;
CREATE TABLE cursors (
  group_id INTEGER NOT NULL REFERENCES groups (id),
  partition_id INTEGER NOT NULL REFERENCES partitions (id),
  member_id TEXT,
  epoch INTEGER NOT NULL DEFAULT 0,
  position INTEGER NOT NULL DEFAULT 0,
  committed INTEGER,
  metadata TEXT NOT NULL DEFAULT '',
  committed_ms INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (group_id, partition_id)
) WITHOUT ROWID;
CREATE INDEX cursors_by_partition ON cursors (partition_id);
`;
