import type { GroupInfo, TopicPartition } from '../../ports/log.ts';
import type { MemberTopics } from '../../domain/assignment.ts';
import type { Database } from './database.ts';

/** A member as its row says. */
export interface MemberRow {
  id: string;
  groupId: number;
  /** Topic ids. */
  topics: readonly number[];
  sessionMs: number;
}

/** Where a group stands in a partition. */
export interface Cursor extends TopicPartition {
  topicId: number;
  partitionId: number;
  memberId: string | null;
  epoch: number;
  committed: number | null;
  metadata: string;
  /** The partition's bounds. */
  start: number;
  end: number;
}

/** SQL for: the member's last sign of life is within its session; one from the future (the clock was set back) is none. */
const ALIVE = '?1 BETWEEN seen_ms - session_ms AND seen_ms + session_ms';

const CURSORS = `SELECT t.name AS topic, p.number AS partition, p.topic_id AS topicId, p.id AS partitionId,
    c.member_id AS memberId, c.epoch, c.committed, c.metadata, p.start_offset AS start, p.end_offset AS "end"
  FROM cursors c JOIN partitions p ON p.id = c.partition_id JOIN topics t ON t.id = p.topic_id
  WHERE c.group_id = ? ORDER BY p.topic_id, p.number`;

const ADD = 'INSERT INTO members (id, group_id, topics, session_ms, seen_ms) VALUES (?, ?, ?, ?, ?)';
const ADD_CURSORS = `INSERT OR IGNORE INTO cursors (group_id, partition_id)
  SELECT ?, id FROM partitions WHERE topic_id = ?`;
const TAKE = `UPDATE cursors SET member_id = ?3, epoch = epoch + 1, position = ?4
  WHERE group_id = ?1 AND partition_id = ?2`;
const SUBSCRIBE = `INSERT INTO subscriptions (group_id, topic_id, session_ms, seen_ms) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT DO UPDATE SET session_ms = ?3, seen_ms = ?4`;

/** Groups, their members, and who holds which partition. What writes runs inside a transaction. */
export class Groups {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The group's id; creates it if need be. */
  ensure(group: string): number {
    this.#database.run('INSERT OR IGNORE INTO groups (name) VALUES (?)', [group]);
    const [row] = this.#database.all<{ id: number }>('SELECT id FROM groups WHERE name = ?', [group]);
    return row?.id ?? 0;
  }

  generation(groupId: number): number {
    const [row] = this.#database.all<{ generation: number }>('SELECT generation FROM groups WHERE id = ?', [groupId]);
    return row?.generation ?? 0;
  }

  /** Writes a sign of life; false if the member was removed meanwhile, or never was. */
  beat(member: MemberRow, nowMs: number): boolean {
    for (const topicId of member.topics) this.subscribe(member.groupId, topicId, member.sessionMs, nowMs);
    return this.#database.run('UPDATE members SET seen_ms = ? WHERE id = ?', [nowMs, member.id]) === 1;
  }

  /** Adds the member, and cursors for the partitions that its group meets for the first time. */
  add({ id, groupId, topics, sessionMs }: MemberRow, nowMs: number): void {
    this.#database.run(ADD, [id, groupId, JSON.stringify(topics), sessionMs, nowMs]);
    for (const topicId of topics) this.#database.run(ADD_CURSORS, [groupId, topicId]);
    this.#advance(groupId);
  }

  /** Removes the member and frees what it holds. */
  remove(memberId: string, groupId: number): void {
    this.#database.run('DELETE FROM members WHERE id = ?', [memberId]);
    this.#database.run('UPDATE cursors SET member_id = NULL WHERE group_id = ? AND member_id = ?', [groupId, memberId]);
    this.#advance(groupId);
  }

  /** Removes members that gave no sign of life for their session. */
  expire(groupId: number, nowMs: number): void {
    const dead = `SELECT id FROM members WHERE group_id = ?2 AND NOT (${ALIVE})`;
    for (const { id } of this.#database.all<{ id: string }>(dead, [nowMs, groupId])) this.remove(id, groupId);
  }

  members(groupId: number): MemberTopics[] {
    const query = 'SELECT id, topics FROM members WHERE group_id = ? ORDER BY id';
    return this.#database.all<{ id: string; topics: string }>(query, [groupId]).map((row) => {
      const topics: number[] = JSON.parse(row.topics);
      return { id: row.id, topics };
    });
  }

  cursors(groupId: number): Cursor[] {
    return this.#database.all<Cursor>(CURSORS, [groupId]);
  }

  /** Gives the partition to the member, under the next epoch. */
  take(groupId: number, partitionId: number, memberId: string, position: number): void {
    this.#database.run(TAKE, [groupId, partitionId, memberId, position]);
  }

  /** Frees partitions that the member holds. */
  release(groupId: number, memberId: string, partitionIds: readonly number[]): void {
    const free = 'UPDATE cursors SET member_id = NULL WHERE group_id = ? AND member_id = ? AND partition_id = ?';
    for (const partitionId of partitionIds) this.#database.run(free, [groupId, memberId, partitionId]);
    this.#advance(groupId);
  }

  /** Notes that the group wants the topic; see Retention. */
  subscribe(groupId: number, topicId: number, sessionMs: number, nowMs: number): void {
    this.#database.run(SUBSCRIBE, [groupId, topicId, sessionMs, nowMs]);
  }

  list(nowMs: number): GroupInfo[] {
    const groups = this.#database.all<{ id: number; name: string }>('SELECT id, name FROM groups ORDER BY name');
    return groups.map(({ id, name }) => ({ group: name, members: this.#liveMembers(id, nowMs) }));
  }

  #liveMembers(groupId: number, nowMs: number): GroupInfo['members'] {
    const alive = `SELECT id FROM members WHERE group_id = ?2 AND ${ALIVE} ORDER BY id`;
    const held = Map.groupBy(this.cursors(groupId), (cursor) => cursor.memberId);
    return this.#database.all<{ id: string }>(alive, [nowMs, groupId]).map(({ id }) => ({
      id,
      partitions: (held.get(id) ?? []).map(({ topic, partition }) => ({ topic, partition })),
    }));
  }

  /** Tells the other members to look again. */
  #advance(groupId: number): void {
    this.#database.run('UPDATE groups SET generation = generation + 1 WHERE id = ?', [groupId]);
  }
}
