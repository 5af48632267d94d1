import assert from 'node:assert/strict';
import type { Catalog } from '../../../src/adapters/sqlite/catalog.ts';
import { type Lease, Member } from '../../../src/adapters/sqlite/member.ts';
import { openSqliteLog } from '../../../src/adapters/sqlite/open.ts';
import { Poller } from '../../../src/adapters/sqlite/poller.ts';
import type { Records } from '../../../src/adapters/sqlite/records.ts';
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

describe('a poll of which a read fails', () => {
  const row = { id: 'm', groupId: 1, topics: [0], sessionMs: 1000 };
  const lease = (partition: number): Lease => {
    const place = { topic: 'a', partition, partitionId: partition, topicId: 0 };
    return { ...place, epoch: 1, position: 0, state: 'held' };
  };
  const start = 2;
  const catalog = { bounds: () => ({ start, end: 6 }) };
  let member: Member;
  let failing: boolean;
  let lost: unknown[];
  let poller: Poller;

  beforeEach(() => {
    member = new Member(row, ['a'], 'earliest');
    for (const partition of [0, 1]) member.leases.set(partition, lease(partition));
    [failing, lost] = [true, []];
    let reads = 0;
    const read = ({ topic, partition }: Lease, offset: number, limit: number) => {
      if (failing && ++reads === 2) throw new Error('disk I/O error');
      const nothing = { key: new Uint8Array(), headers: '{}', value: new Uint8Array(), timestampMs: 0 };
      const offsets = [2, 3, 4, 5].filter((one) => one >= offset).slice(0, limit);
      return offsets.map((at) => ({ topic, partition, offset: at, ...nothing }));
    };
    poller = new Poller({ read } as unknown as Records, catalog as unknown as Catalog, (_, event) => lost.push(event));
  });

  it('moves past no record, so that the next one brings them all', () => {
    assert.throws(() => poller.take(member, 8), /disk I\/O error/);
    failing = false;
    const found = poller.take(member, 8).map(({ partition, offset }) => `${partition}:${offset}`);
    assert.deepEqual(found.toSorted(), ['0:2', '0:3', '0:4', '0:5', '1:2', '1:3', '1:4', '1:5']);
  });

  it('tells once of what retention took', () => {
    assert.throws(() => poller.take(member, 8));
    assert.deepEqual(lost, []);
    failing = false;
    poller.take(member, 8);
    assert.deepEqual(
      lost.map((event) => (event as { count: number }).count),
      [start, start],
    );
  });
});
