import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { openSqliteLog } from '../../../src/adapters/sqlite/open.ts';
import { type Candidate, selectExpired } from '../../../src/adapters/sqlite/retention.ts';
import { until } from '../../contracts/log-harness.ts';
import { temporaryFolder } from '../../support/folders.ts';

const partitions = fc
  .array(fc.array(fc.record({ timestampMs: fc.nat({ max: 50 }), bytes: fc.nat({ max: 10 }) }), { maxLength: 10 }), {
    maxLength: 4,
  })
  .map((lists) => lists.map((list, partitionId) => list.map((one, offset) => ({ ...one, partitionId, offset }))));

const NEVER = Number.NEGATIVE_INFINITY;
const EMPTY = { topic: 'a', partition: 0, key: new Uint8Array(0), headers: {} };
const bytesOf = (candidates: readonly Candidate[]) => candidates.reduce((sum, { bytes }) => sum + bytes, 0);

describe('what retention deletes', () => {
  it('are always the first records of a partition', () => {
    fc.assert(
      fc.property(partitions, fc.nat({ max: 60 }), fc.nat({ max: 100 }), (lists, cutoffMs, excess) => {
        const deleted = selectExpired(lists, { excess, cutoffMs, horizonMs: Infinity });
        for (const [partitionId, list] of lists.entries()) {
          const own = deleted.filter((one) => one.partitionId === partitionId);
          assert.deepEqual(own, list.slice(0, own.length));
        }
      }),
    );
  });

  it('is just enough to be rid of the excess bytes, oldest first over all partitions', () => {
    fc.assert(
      fc.property(partitions, fc.nat({ max: 100 }), (lists, excess) => {
        const ordered = lists.map((list) => list.map((one, i) => ({ ...one, timestampMs: i })));
        const deleted = selectExpired(ordered, { excess, cutoffMs: NEVER, horizonMs: Infinity });
        const rest = ordered.flat().filter((one) => !deleted.some((gone) => isSame(one, gone)));
        assert.ok(bytesOf(deleted) >= excess || rest.length === 0);
        assert.ok(deleted.length === 0 || bytesOf(deleted.slice(0, -1)) < excess);
        for (const gone of deleted) assert.ok(rest.every((one) => one.timestampMs >= gone.timestampMs));
      }),
    );
  });

  it('are the records before the cut-off, those behind a later one in their partition excepted', () => {
    const list = [10, 20, 15, 30, 5].map((timestampMs, offset) => ({ partitionId: 1, offset, timestampMs, bytes: 1 }));
    const expired = (cutoffMs: number) => selectExpired([list], { excess: 0, cutoffMs, horizonMs: NEVER });
    const offsets = (cutoffMs: number) => expired(cutoffMs).map(({ offset }) => offset);
    assert.deepEqual(offsets(10), []);
    assert.deepEqual(offsets(20), [0]);
    assert.deepEqual(offsets(21), [0, 1, 2]);
    assert.deepEqual(offsets(31), [0, 1, 2, 3, 4]);
  });

  it('are none of a slow partition while a busy one holds older ones, however many those are', async () => {
    const folder = await temporaryFolder();
    const log = await openSqliteLog({ folder: folder.path, retentionIntervalMs: 10 });
    const record = (partition: number) => ({ ...EMPTY, partition, value: new Uint8Array(1000) });
    await log.ensureTopics([{ name: 'a', partitions: 2 }]);
    await log.publish(Array.from({ length: 400 }, () => record(0)));
    await sleep(10);
    await log.publish(Array.from({ length: 20 }, () => record(1)));
    await log.ensureTopics([{ name: 'a', partitions: 2, retention: { maxBytes: 100_000 } }]);
    const starts = async () => (await log.topics(['a']))[0]?.offsets.map(({ start }) => start) ?? [];
    await until('the topic is small enough', async () => ((await starts())[0] ?? 0) > 300, { settleMs: 10_000 });
    await sleep(50);
    const [busy = 0, slow] = await starts();
    await log.close();
    await folder.remove();
    assert.equal(slow, 0);
    assert.ok(busy < 400);
  });

  it('goes back to the disk once much of the file is free', async () => {
    const folder = await temporaryFolder();
    const file = join(folder.path, 'log.db');
    const log = await openSqliteLog({ folder: folder.path, retentionIntervalMs: 10 });
    const value = new Uint8Array(80_000);
    const record = { ...EMPTY, value };
    await log.ensureTopics([{ name: 'a', partitions: 1 }]);
    await log.publish(Array.from({ length: 200 }, () => record));
    const before = pagesOf(file);
    await log.ensureTopics([{ name: 'a', partitions: 1, retention: { maxBytes: 100_000 } }]);
    await until('the file is given back', () => pagesOf(file) < before / 3, { settleMs: 10_000 });
    await log.close();
    assert.ok(statSync(file).size < 8_000_000);
    await folder.remove();
  });
});

function pagesOf(file: string): number {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 1000 });
  const row = database.prepare('PRAGMA page_count').get();
  database.close();
  return Number(row?.['page_count']);
}

const isSame = (a: Candidate, b: Candidate) => a.partitionId === b.partitionId && a.offset === b.offset;
