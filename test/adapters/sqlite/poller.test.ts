import assert from 'node:assert/strict';
import { openSqliteLog } from '../../../src/adapters/sqlite/open.ts';
import type { Log, LogRecord } from '../../../src/ports/log.ts';
import { join, record, records } from '../../contracts/log-harness.ts';
import { temporaryFolder } from '../../support/folders.ts';

describe('a poll', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let log: Log;
  const counts = (found: readonly LogRecord[]) =>
    [0, 1, 2].map((partition) => found.filter((one) => one.partition === partition).length);
  beforeEach(async () => {
    folder = await temporaryFolder();
    log = await openSqliteLog({ folder: folder.path });
    await log.ensureTopics([{ name: 'a', partitions: 3 }]);
  });
  afterEach(async () => {
    await log.close();
    await folder.remove();
  });

  it('takes as much of each partition of a topic as of the others', async () => {
    await log.publish([0, 1, 2].flatMap((partition) => records('a', partition, 100)));
    const consumer = await join(log, { topics: ['a'] });
    assert.deepEqual(counts(await consumer.poll({ maxRecords: 30, waitMs: 1000 })), [10, 10, 10]);
    const singles = await Promise.all([1, 2, 3].map(() => consumer.poll({ maxRecords: 1, waitMs: 1000 })));
    assert.deepEqual(counts(singles.flat()), [1, 1, 1]);
  });

  it('takes what one partition lacks from the others', async () => {
    await log.publish([...records('a', 0, 3), ...records('a', 2, 100)]);
    const consumer = await join(log, { topics: ['a'] });
    assert.deepEqual(counts(await consumer.poll({ maxRecords: 30, waitMs: 1000 })), [3, 0, 27]);
  });

  it('brings no more than about 16 MiB, but always a record', async () => {
    const large = { ...record('a', 0, 'x'), value: new Uint8Array(6 * 1024 * 1024) };
    for (let i = 0; i < 5; i++) await log.publish([large]);
    const consumer = await join(log, { topics: ['a'] });
    assert.equal((await consumer.poll({ maxRecords: 100, waitMs: 1000 })).length, 3);
    assert.equal((await consumer.poll({ maxRecords: 100, waitMs: 1000 })).length, 2);
    const read = await log.read({ topic: 'a', partition: 0, offset: 1, maxRecords: 100, waitMs: 0 });
    assert.equal(read.length, 3);
  });
});
