import assert from 'node:assert/strict';
import { Catalog } from '../../../src/adapters/sqlite/catalog.ts';
import { Coordinator } from '../../../src/adapters/sqlite/coordinator.ts';
import { openDatabase } from '../../../src/adapters/sqlite/database.ts';
import { Groups } from '../../../src/adapters/sqlite/groups.ts';
import { Writer } from '../../../src/adapters/sqlite/writer.ts';
import { OrdoError } from '../../../src/errors.ts';
import { temporaryFolder } from '../../support/folders.ts';

/** Fails at one call; tells of each before it is made. */
class FailingWriter extends Writer {
  calls = 0;
  failAt = Infinity;
  onCall: (call: number) => void = () => {};

  override submit<T>(write: () => T, bytes?: number): Promise<T> {
    this.calls += 1;
    this.onCall(this.calls);
    if (this.calls === this.failAt) return Promise.reject(new OrdoError('LOG_FULL', 'the disk is full'));
    return super.submit(write, bytes);
  }
}

describe('Coordinator', () => {
  it('leaves nothing of a member behind whose join fails at its second look', async () => {
    const folder = await temporaryFolder();
    const database = await openDatabase({ folder: folder.path });
    const catalog = new Catalog(database);
    catalog.ensure([{ name: 'a', partitions: 2 }]);
    const writer = new FailingWriter(database);
    const groups = new Groups(database);
    const assigned: unknown[] = [];
    const emit = (_: string, event: { kind: string }) => void assigned.push(event.kind);
    const coordinator = new Coordinator({ writer, groups, catalog, sessionTimeoutMs: 60_000, emit, wake: () => {} });
    writer.onCall = (call) => {
      if (call === 2) void coordinator.sync(coordinator.member('m')).catch(() => undefined);
    };
    writer.failAt = 3;
    const joined = coordinator.join({ consumer: 'm', group: 'g', topics: ['a'], from: 'earliest' });
    await assert.rejects(joined, { code: 'LOG_FULL' });
    assert.deepEqual(assigned, ['assigned']);
    assert.deepEqual(groups.list(Date.now()), [{ group: 'g', members: [] }]);
    const cursors = groups.cursors(groups.ensure('g'));
    assert.deepEqual(
      cursors.map(({ memberId }) => memberId),
      [null, null],
    );
    assert.ok(coordinator.isEmpty);
    await coordinator.close();
    database.close();
    await folder.remove();
  });
});
