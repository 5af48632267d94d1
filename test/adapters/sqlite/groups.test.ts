import assert from 'node:assert/strict';
import { Catalog } from '../../../src/adapters/sqlite/catalog.ts';
import { type Database, openDatabase } from '../../../src/adapters/sqlite/database.ts';
import { Groups } from '../../../src/adapters/sqlite/groups.ts';
import { Member } from '../../../src/adapters/sqlite/member.ts';
import { Offsets } from '../../../src/adapters/sqlite/offsets.ts';
import { synchronize } from '../../../src/adapters/sqlite/synchronize.ts';
import { OrdoError } from '../../../src/errors.ts';
import { temporaryFolder } from '../../support/folders.ts';

const SESSION_MS = 1000;

describe('members of a group', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let database: Database;
  let groups: Groups;
  let offsets: Offsets;
  let first: Member;
  let second: Member;
  /** Looks at the group at that time, and keeps what it finds as the coordinator does. */
  const look = (member: Member, nowMs: number) => {
    const outcome = synchronize(groups, member, nowMs);
    for (const { partitionId } of [...outcome.expired, ...outcome.released]) member.leases.delete(partitionId);
    for (const { lease } of outcome.won) member.leases.set(lease.partitionId, lease);
    const { generation, seenMs, wokeMs } = outcome;
    Object.assign(member, { generation, seenMs, wokeMs });
    return outcome;
  };
  const held = (member: Member) => [...member.leases.values()].map(({ partition, epoch }) => [partition, epoch]);
  beforeEach(async () => {
    folder = await temporaryFolder();
    database = await openDatabase({ folder: folder.path });
    const catalog = new Catalog(database);
    catalog.ensure([{ name: 'a', partitions: 2 }]);
    groups = new Groups(database);
    offsets = new Offsets(database, catalog, groups);
    const groupId = groups.ensure('g');
    const member = (id: string) =>
      new Member({ id, groupId, topics: [catalog.topic('a').id], sessionMs: SESSION_MS }, ['a'], 'earliest');
    first = member('first');
    second = member('second');
  });
  afterEach(async () => {
    database.close();
    await folder.remove();
  });

  it('hold their partitions as long as they give signs of life within the session', () => {
    look(first, 0);
    look(first, SESSION_MS);
    look(second, 2 * SESSION_MS);
    assert.deepEqual(held(first), [
      [0, 1],
      [1, 1],
    ]);
    assert.deepEqual(held(second), []);
  });

  it('lose them to the others one moment later, each under a new epoch', () => {
    look(first, 0);
    look(second, SESSION_MS + 1);
    assert.deepEqual(held(second), [
      [0, 2],
      [1, 2],
    ]);
    const outcome = look(first, SESSION_MS + 2);
    assert.equal(outcome.expired.length, 2);
    assert.deepEqual(held(first), []);
  });

  it('keep them when all stood still for longer than the session, whoever wakes first', () => {
    look(first, 0);
    look(second, 0);
    for (const lease of look(first, 0).unwanted) lease.state = 'releasing';
    look(first, 0);
    look(second, 0);
    for (const wokeMs of [0, 1, SESSION_MS / 2 - 1]) look(first, 9 * SESSION_MS + wokeMs);
    assert.equal(look(second, 9.5 * SESSION_MS - 1).expired.length, 0);
    look(first, 9.5 * SESSION_MS);
    assert.equal(look(second, 10 * SESSION_MS).expired.length, 0);
    assert.deepEqual([held(first), held(second)], [[[0, 1]], [[1, 2]]]);
  });

  it('get those of one that does not wake, half a session after they woke themselves', () => {
    look(second, 0);
    look(first, 0);
    look(first, 9 * SESSION_MS);
    assert.deepEqual(held(first), []);
    look(first, 9.5 * SESSION_MS);
    assert.deepEqual(held(first), [
      [0, 2],
      [1, 2],
    ]);
  });

  it('cannot commit under an epoch that is over, even if they hold the partition again', () => {
    const offset = { topic: 'a', partition: 0, offset: 0, metadata: '' };
    look(first, 0);
    offsets.commit(first.row, { ...offset, epoch: 1 }, 0);
    look(second, SESSION_MS + 1);
    look(first, 3 * SESSION_MS);
    look(first, 3.5 * SESSION_MS);
    assert.deepEqual(held(first), [
      [0, 3],
      [1, 3],
    ]);
    assert.throws(() => offsets.commit(first.row, { ...offset, epoch: 1 }, 0), fenced);
    assert.throws(() => offsets.commit(second.row, { ...offset, epoch: 2 }, 0), fenced);
    offsets.commit(first.row, { ...offset, epoch: 3 }, 0);
  });

  it('hand over only what they have let go of', () => {
    look(first, 0);
    assert.deepEqual(held(first), [
      [0, 1],
      [1, 1],
    ]);
    look(second, 0);
    assert.deepEqual(held(second), []);
    const { unwanted } = look(first, 0);
    assert.deepEqual(
      unwanted.map(({ partition }) => partition),
      [1],
    );
    look(second, 0);
    assert.deepEqual(held(second), []);
    for (const lease of unwanted) lease.state = 'releasing';
    look(first, 0);
    look(second, 0);
    assert.deepEqual([held(first), held(second)], [[[0, 1]], [[1, 2]]]);
  });

  it('are told by the generation when they have to look again', () => {
    look(first, 0);
    const before = groups.generation(first.row.groupId);
    assert.equal(look(first, 1).generation, before);
    assert.ok(look(second, 1).generation > before);
  });

  it('do not live for ever when the clock is set back', () => {
    look(first, 100 * SESSION_MS);
    look(second, 0);
    assert.equal(second.leases.size, 2);
    assert.deepEqual(groups.list(0), [
      { group: 'g', members: [{ id: 'second', partitions: [0, 1].map((partition) => ({ topic: 'a', partition })) }] },
    ]);
  });

  it('are taken as gone by a reset once their session is over', () => {
    const replay = [{ topic: 'a', partition: 0, offset: 0, metadata: '' }];
    look(first, 0);
    assert.throws(() => offsets.reset('g', replay, SESSION_MS), fenced);
    offsets.reset('g', replay, SESSION_MS + 1);
    assert.equal(look(first, SESSION_MS + 2).expired.length, 2);
  });
});

function fenced(error: unknown): boolean {
  return error instanceof OrdoError && error.code === 'LOG_FENCED';
}
