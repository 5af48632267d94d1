import { OrdoError } from '../../errors.ts';
import type { CommittedOffset, PartitionOffset } from '../../ports/log.ts';
import type { Catalog } from './catalog.ts';
import type { Database } from './database.ts';
import type { Groups } from './groups.ts';
import type { FencedOffset } from './protocol.ts';

const COMMITTED = `SELECT t.name AS topic, p.number AS partition, c.committed AS "offset", c.metadata,
    c.committed_ms AS committedAtMs
  FROM groups g JOIN cursors c ON c.group_id = g.id JOIN partitions p ON p.id = c.partition_id
  JOIN topics t ON t.id = p.topic_id
  WHERE g.name = ? AND c.committed IS NOT NULL ORDER BY t.name, p.number`;

const COMMIT = `UPDATE cursors SET committed = ?5, metadata = ?6, committed_ms = ?7
  WHERE group_id = ?1 AND partition_id = ?2 AND member_id = ?3 AND epoch = ?4`;
const RESET = `INSERT INTO cursors (group_id, partition_id, committed, metadata, committed_ms) VALUES (?1, ?2, ?3, ?4, ?5)
  ON CONFLICT DO UPDATE SET committed = ?3, metadata = ?4, committed_ms = ?5`;

/** The offsets of groups. What writes runs inside a transaction. */
export class Offsets {
  readonly #database: Database;
  readonly #catalog: Catalog;
  readonly #groups: Groups;

  constructor(database: Database, catalog: Catalog, groups: Groups) {
    this.#database = database;
    this.#catalog = catalog;
    this.#groups = groups;
  }

  /** Moves the group's offset if the member still holds the partition under that epoch, else LOG_FENCED. */
  commit(member: { id: string; groupId: number }, offset: FencedOffset, nowMs: number): void {
    const partitionId = this.#checked(offset);
    const { epoch, metadata } = offset;
    const held = [member.groupId, partitionId, member.id, epoch];
    if (this.#database.run(COMMIT, [...held, offset.offset, metadata, nowMs]) === 1) return;
    throw new OrdoError('LOG_FENCED', `${offset.topic}/${offset.partition} belongs to another consumer by now`);
  }

  /** Sets offsets of a group without live members, else LOG_FENCED. */
  reset(group: string, offsets: readonly PartitionOffset[], nowMs: number): void {
    const groupId = this.#groups.ensure(group);
    this.#groups.expire(groupId, nowMs);
    if (this.#groups.members(groupId).length > 0) throw new OrdoError('LOG_FENCED', `group ${group} has live members`);
    for (const offset of offsets) {
      const values = [groupId, this.#checked(offset), offset.offset, offset.metadata, nowMs];
      this.#database.run(RESET, values);
      this.#groups.subscribe(groupId, this.#catalog.topic(offset.topic).id, 0, nowMs);
    }
  }

  committed(group: string): CommittedOffset[] {
    return this.#database.all<CommittedOffset>(COMMITTED, [group]);
  }

  #checked(offset: PartitionOffset): number {
    const partitionId = this.#catalog.partitionId(offset);
    const { end } = this.#catalog.bounds(partitionId);
    if (Number.isInteger(offset.offset) && offset.offset >= 0 && offset.offset <= end) return partitionId;
    const where = `${offset.topic}/${offset.partition}`;
    throw new OrdoError('LOG_OFFSET_INVALID', `offset ${offset.offset} is outside ${where}, which ends at ${end}`);
  }
}
