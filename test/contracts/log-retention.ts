import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log, NewRecord, TopicPartition } from '../../src/ports/log.ts';
import {
  boundsOf,
  contentOf,
  eachLog,
  join,
  type LogPart,
  offsetsAfter,
  record,
  take,
  texts,
  until,
} from './log-harness.ts';

const HOUR_MS = 3_600_000;

/** 100 records of about 1 KB. */
const hundred = (topic: string) =>
  Array.from({ length: 100 }, (_, i) => ({
    ...record(topic, 0, `${i}`),
    value: Buffer.from(`${i}`.padEnd(1000, '.')),
  }));

/** One by one: a log may delete no less than was published at a time. */
const publishEach = async (log: Log, published: readonly NewRecord[]) => {
  for (const one of published) await log.publish([one]);
};

const numbers = (found: readonly string[]) => found.map((text) => Number.parseInt(text, 10));

export const logRetention: LogPart = (open, tuning) => {
  describe('retention', () => {
    const subject = eachLog(open, tuning, { retentionGranuleBytes: 4000 });
    const startOf = async (topic: string) => (await boundsOf(subject.log, topic))[0]?.start ?? 0;
    const trimmed = (topic: string) => until(`${topic} is trimmed`, async () => (await startOf(topic)) > 0, tuning);

    it('deletes the oldest records beyond the bytes that a topic keeps', async () => {
      await subject.log.ensureTopics([{ name: 'a', partitions: 1, retention: { maxBytes: 30_000 } }]);
      await publishEach(subject.log, hundred('a'));
      await trimmed('a');
      await until('the bound holds', async () => (await contentOf(subject.log, 'a')).length <= 30, tuning);
      const kept = numbers(await contentOf(subject.log, 'a'));
      assert.deepEqual(
        kept,
        Array.from({ length: kept.length }, (_, i) => 100 - kept.length + i),
      );
      assert.ok(kept.length >= 20);
      assert.deepEqual(await boundsOf(subject.log, 'a'), [{ start: 100 - kept.length, end: 100 }]);
    });

    it('deletes records beyond the age that a topic keeps, and numbers new ones on', async () => {
      const { retentionAgeMs } = tuning;
      await subject.log.ensureTopics([{ name: 'a', partitions: 1, retention: { maxAgeMs: retentionAgeMs } }]);
      await subject.log.publish([record('a', 0, 'old')]);
      await trimmed('a');
      await subject.log.publish([record('a', 0, 'new')]);
      const [found] = await subject.log.read({ topic: 'a', partition: 0, offset: 0, maxRecords: 9, waitMs: 0 });
      assert.equal(found?.offset, 1);
    });

    it('keeps all of a topic without bounds', async () => {
      await subject.log.ensureTopics([
        { name: 'a', partitions: 1 },
        { name: 'control', partitions: 1, retention: { maxBytes: 10_000 } },
      ]);
      await publishEach(subject.log, [...hundred('a'), ...hundred('control')]);
      await trimmed('control');
      assert.equal((await contentOf(subject.log, 'a')).length, 100);
    });

    it('spares what a live member has yet to read, though it commits nothing, where it waits for readers', async function () {
      if (!subject.log.sparesUnread) this.skip();
      const retention = { maxBytes: 10_000, maxAgeMs: tuning.retentionAgeMs };
      await subject.log.ensureTopics(['a', 'control'].map((name) => ({ name, partitions: 1, retention })));
      const consumer = await join(subject.log, { topics: ['a'] });
      await until('assigned', () => consumer.assignment().length === 1, tuning);
      await subject.log.publish([...hundred('a'), ...hundred('control')]);
      await trimmed('control');
      await sleep(tuning.retentionAgeMs);
      const found = await take(consumer, 100, tuning);
      assert.deepEqual(
        numbers(texts(found)),
        Array.from({ length: 100 }, (_, i) => i),
      );
      await consumer.commit({ publish: [], offsets: offsetsAfter(found.slice(0, 50)) });
      await until('what is committed goes', async () => (await startOf('a')) === 50, tuning);
    });

    it('spares what a group has yet to read that was seen within the age, where it waits for readers', async function () {
      if (!subject.log.sparesUnread) this.skip();
      const retention = { maxBytes: 10_000, maxAgeMs: HOUR_MS };
      await subject.log.ensureTopics(['a', 'control'].map((name) => ({ name, partitions: 1, retention })));
      const { sessionTimeoutMs } = tuning;
      const first = await join(subject.log, { topics: ['a'], sessionTimeoutMs });
      await until('assigned', () => first.assignment().length === 1, tuning);
      await subject.log.publish([...hundred('a'), ...hundred('control')]);
      await first.commit({ publish: [], offsets: offsetsAfter(await take(first, 5, tuning)) });
      await first.close();
      await trimmed('control');
      await until('what was read goes', async () => (await startOf('a')) === 5, tuning);
      await sleep(sessionTimeoutMs + 200);
      const lost: number[] = [];
      const second = await join(subject.log, { topics: ['a'], onLost: (_, count) => lost.push(count) });
      assert.deepEqual(
        numbers(texts(await take(second, 95, tuning))),
        Array.from({ length: 95 }, (_, i) => 5 + i),
      );
      assert.deepEqual(lost, []);
    });

    it('tells a group that stayed away too long how many records it lost', async () => {
      const keep = (maxAgeMs: number) =>
        subject.log.ensureTopics([{ name: 'a', partitions: 1, retention: { maxAgeMs } }]);
      await keep(HOUR_MS);
      await publishEach(subject.log, hundred('a'));
      const first = await join(subject.log, { topics: ['a'], sessionTimeoutMs: tuning.sessionTimeoutMs });
      const found = await take(first, 40, tuning);
      await first.commit({ publish: [], offsets: offsetsAfter(found) });
      await first.close();
      await keep(tuning.retentionAgeMs);
      await until('all is gone', async () => (await startOf('a')) === 100, tuning);
      await keep(HOUR_MS);
      const lost: (TopicPartition & { count: number })[] = [];
      const onLost = (partition: TopicPartition, count: number) => void lost.push({ ...partition, count });
      const second = await join(subject.log, { topics: ['a'], onLost });
      const waiting = second.poll({ maxRecords: 10, waitMs: tuning.settleMs });
      await subject.log.publish([record('a', 0, 'new')]);
      assert.deepEqual(texts(await waiting), ['new']);
      assert.deepEqual(lost, [{ topic: 'a', partition: 0, count: 99 - (found.at(-1)?.offset ?? 0) }]);
    });
  });
};
