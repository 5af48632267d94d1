import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogRecord, PartitionOffset } from '../../src/ports/log.ts';
import {
  contentOf,
  eachLog,
  join,
  type LogPart,
  MAX_RECORD_BYTES,
  offsetsAfter,
  record,
  records,
  rejectsWith,
  take,
  texts,
  until,
} from './log-harness.ts';

export const logConsumers: LogPart = (open, tuning) => {
  describe('a consumer', () => {
    const subject = eachLog(open, tuning);
    beforeEach(() =>
      subject.log.ensureTopics([
        { name: 'a', partitions: 2 },
        { name: 'b', partitions: 1 },
        { name: 'out', partitions: 1 },
      ]),
    );

    it('is handed each record once, those of a partition in order', async () => {
      await subject.log.publish([...records('a', 0, 50), ...records('a', 1, 50, 50)]);
      const consumer = await join(subject.log, { topics: ['a'] });
      const found: LogRecord[] = [];
      while (found.length < 100) {
        const polled = await consumer.poll({ maxRecords: 7, waitMs: tuning.settleMs });
        assert.ok(polled.length <= 7);
        found.push(...polled);
      }
      assert.deepEqual(await consumer.poll({ maxRecords: 7, waitMs: 30 }), []);
      for (const partition of [0, 1]) {
        const own = found.filter((one) => one.partition === partition);
        assert.deepEqual(
          texts(own),
          Array.from({ length: 50 }, (_, i) => `${partition * 50 + i}`),
        );
      }
    });

    it('starts at the earliest record or at the latest, as it asks', async () => {
      await subject.log.publish(records('a', 0, 3));
      const early = await join(subject.log, { group: 'early', topics: ['a'] });
      const late = await join(subject.log, { group: 'late', topics: ['a'], from: 'latest' });
      await until('assigned', () => late.assignment().length === 2, tuning);
      await subject.log.publish(records('a', 0, 1, 3));
      assert.deepEqual(texts(await take(early, 4, tuning)), ['0', '1', '2', '3']);
      assert.deepEqual(texts(await take(late, 1, tuning)), ['3']);
    });

    it('is told where it starts, and what was committed there', async () => {
      await subject.log.publish(records('a', 1, 5));
      const first = await join(subject.log, { topics: ['a'] });
      const found = await take(first, 3, tuning);
      const metadata = `${'é'.repeat(1950)}${'m'.repeat(100)}`;
      await first.commit({ publish: [], offsets: offsetsAfter(found, metadata) });
      await first.close();
      const told: PartitionOffset[] = [];
      const onAssigned = (partitions: readonly PartitionOffset[]) => void told.push(...partitions);
      const second = await join(subject.log, { topics: ['a'], onAssigned });
      assert.deepEqual(texts(await take(second, 2, tuning)), ['3', '4']);
      assert.deepEqual(
        told.toSorted((x, y) => x.partition - y.partition),
        [
          { topic: 'a', partition: 0, offset: 0, metadata: '' },
          { topic: 'a', partition: 1, offset: 3, metadata },
        ],
      );
      assert.deepEqual(second.assignment().length, 2);
    });

    it('gets what an earlier one did not commit once more', async () => {
      await subject.log.publish(records('b', 0, 10));
      const first = await join(subject.log, { topics: ['b'] });
      await take(first, 10, tuning);
      await first.close();
      const second = await join(await subject.reopen(), { topics: ['b'] });
      assert.equal((await take(second, 10, tuning)).length, 10);
    });

    it('publishes what it commits with', async () => {
      await subject.log.publish(records('b', 0, 4));
      const consumer = await join(subject.log, { topics: ['b'] });
      const found = await take(consumer, 4, tuning);
      const before = Date.now();
      await consumer.commit({ publish: records('out', 0, 3), offsets: offsetsAfter(found, 'note') });
      await consumer.commit({ publish: records('out', 0, 1, 3), offsets: [] });
      assert.deepEqual(await contentOf(subject.log, 'out'), ['0', '1', '2', '3']);
      const [committed, ...others] = await subject.log.committed('group');
      assert.deepEqual(others, []);
      const { committedAtMs = 0, ...offset } = committed ?? assert.fail('nothing was committed');
      assert.deepEqual(offset, { topic: 'b', partition: 0, offset: 4, metadata: 'note' });
      assert.ok(committedAtMs >= before && committedAtMs <= Date.now());
    });

    it('commits a record that holds one of the largest whole', async () => {
      await subject.log.publish(records('b', 0, 1));
      const consumer = await join(subject.log, { topics: ['b'] });
      const offsets = offsetsAfter(await take(consumer, 1, tuning));
      const letter = { ...record('out', 0, 'x'), value: new Uint8Array(3 * MAX_RECORD_BYTES) };
      await consumer.commit({ publish: [letter], offsets });
      const [found] = await subject.log.read({ topic: 'out', partition: 0, offset: 0, maxRecords: 1, waitMs: 0 });
      assert.equal(found?.value.length, letter.value.length);
    });

    it('commits nothing of what is wrong in part', async () => {
      await subject.log.publish(records('b', 0, 4));
      const consumer = await join(subject.log, { topics: ['b'] });
      const offsets = offsetsAfter(await take(consumer, 4, tuning));
      const commit = (publish = record('out', 0, 'x'), extra: PartitionOffset[] = []) =>
        consumer.commit({ publish: [record('out', 0, 'y'), publish], offsets: [...offsets, ...extra] });
      const outside = { topic: 'b', partition: 0, offset: 5, metadata: '' };
      await rejectsWith('LOG_TOPIC_UNKNOWN', commit(record('nowhere', 0, 'x')));
      await rejectsWith(
        'RECORD_TOO_LARGE',
        commit({ ...record('out', 0, 'x'), value: new Uint8Array(4 * MAX_RECORD_BYTES) }),
      );
      await rejectsWith('LOG_FENCED', commit(undefined, [{ ...outside, topic: 'a', offset: 0 }]));
      await rejectsWith('LOG_OFFSET_INVALID', commit(undefined, [outside]));
      assert.deepEqual(await contentOf(subject.log, 'out'), []);
      assert.deepEqual(await subject.log.committed('group'), []);
    });

    it('gets records of an earlier topic before those of a later one', async () => {
      await subject.log.publish([...records('a', 0, 20), ...records('b', 0, 5, 100)]);
      const consumer = await join(subject.log, { topics: ['b', 'a'] });
      await until('assigned', () => consumer.assignment().length === 3, tuning);
      await sleep(tuning.noticeMs);
      const found = await take(consumer, 10, tuning);
      assert.deepEqual(texts(found).slice(0, 5), ['100', '101', '102', '103', '104']);
      await subject.log.publish(records('b', 0, 2, 200));
      await sleep(tuning.noticeMs);
      assert.deepEqual(texts(await take(consumer, 2, tuning)), ['200', '201']);
      assert.equal((await take(consumer, 15, tuning)).length, 15);
    });

    it('gets nothing of a paused topic until it is resumed', async () => {
      const consumer = await join(subject.log, { topics: ['a', 'b'] });
      consumer.pause(['a']);
      await subject.log.publish([...records('a', 0, 3), ...records('b', 0, 3, 10)]);
      assert.deepEqual(texts(await take(consumer, 3, tuning)), ['10', '11', '12']);
      assert.deepEqual(await consumer.poll({ maxRecords: 10, waitMs: 50 }), []);
      const waiting = consumer.poll({ maxRecords: 10, waitMs: tuning.settleMs });
      consumer.resume(['a']);
      assert.deepEqual(texts(await waiting), ['0', '1', '2']);
    });

    it('gets nothing of the partitions that a poll excepts, and waits if there is nothing else', async () => {
      await subject.log.publish([...records('a', 0, 5), ...records('a', 1, 5, 5)]);
      const consumer = await join(subject.log, { topics: ['a'] });
      const except = [{ topic: 'a', partition: 0 }];
      const some: LogRecord[] = [];
      while (some.length < 5) {
        some.push(...(await consumer.poll({ maxRecords: 30, waitMs: tuning.settleMs, except })));
      }
      assert.deepEqual(texts(some), ['5', '6', '7', '8', '9']);
      assert.deepEqual(await consumer.poll({ maxRecords: 30, waitMs: 50, except }), []);
      assert.deepEqual(texts(await take(consumer, 5, tuning)), ['0', '1', '2', '3', '4']);
    });

    it('waits for records, from wherever they are published', async () => {
      const other = await subject.reopen();
      const consumer = await join(subject.log, { topics: ['a', 'b'] });
      await until('assigned', () => consumer.assignment().length === 3, tuning);
      for (const [i, log] of [subject.log, other].entries()) {
        const waiting = consumer.poll({ maxRecords: 10, waitMs: tuning.settleMs });
        await sleep(20);
        await log.publish([record('out', 0, 'elsewhere')]);
        await log.publish([record('a', 1, `${i}`)]);
        assert.deepEqual(texts(await waiting), [`${i}`]);
      }
    });

    it('that is closed ends its wait, holds nothing, and hands out nothing any more', async () => {
      const consumer = await join(subject.log, { topics: ['a'] });
      const waiting = consumer.poll({ maxRecords: 1, waitMs: 60_000 });
      await consumer.close();
      await consumer.close();
      assert.deepEqual(await waiting, []);
      assert.deepEqual(consumer.assignment(), []);
      await rejectsWith('LOG_CLOSED', consumer.poll({ maxRecords: 1, waitMs: 0 }));
      await rejectsWith('LOG_CLOSED', consumer.commit({ publish: [record('out', 0, 'x')], offsets: [] }));
      assert.deepEqual(await contentOf(subject.log, 'out'), []);
    });
  });
};
