import assert from 'node:assert/strict';
import { openDatabase } from '../../../src/adapters/sqlite/database.ts';
import { Groups } from '../../../src/adapters/sqlite/groups.ts';
import { openSqliteLog } from '../../../src/adapters/sqlite/open.ts';
import { join, offsetsAfter, records, rejectsWith, take, texts, until } from '../../contracts/log-harness.ts';
import { temporaryFolder } from '../../support/folders.ts';

/** Removes the members of a group as another process does that finds their sessions over. */
async function expire(folder: string, group: string): Promise<void> {
  const database = await openDatabase({ folder });
  const groups = new Groups(database);
  database.exec('BEGIN IMMEDIATE');
  groups.expire(groups.ensure(group), Date.now() + 1_000_000);
  database.exec('COMMIT');
  database.close();
}

describe('a consumer whose session expired', () => {
  const tuning = { sessionTimeoutMs: 3000, settleMs: 10_000, noticeMs: 0, retentionAgeMs: 0, modelRuns: 0 };

  it('is told that it lost its partitions, joins again, and starts where it last committed', async () => {
    const folder = await temporaryFolder();
    const log = await openSqliteLog({ folder: folder.path });
    await log.ensureTopics([{ name: 'a', partitions: 1 }]);
    await log.publish(records('a', 0, 6));
    const told: string[] = [];
    const consumer = await join(log, {
      topics: ['a'],
      onAssigned: ([first]) => void told.push(`assigned at ${first?.offset}`),
      onRevoked: async (partitions) => void told.push(`lost ${partitions.length}`),
    });
    await consumer.commit({ publish: [], offsets: offsetsAfter(await take(consumer, 2, tuning)) });
    const inHand = await take(consumer, 2, tuning);
    await expire(folder.path, 'group');
    await until('won again', () => told.length === 3, tuning);
    assert.deepEqual(told, ['assigned at 0', 'lost 1', 'assigned at 2']);
    await rejectsWith('LOG_FENCED', consumer.commit({ publish: [], offsets: offsetsAfter(inHand) }));
    assert.deepEqual(texts(await take(consumer, 4, tuning)), ['2', '3', '4', '5']);
    await log.close();
    await folder.remove();
  });
});
