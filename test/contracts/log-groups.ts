import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer, LogRecord, TopicPartition } from '../../src/ports/log.ts';
import {
  contentOf,
  eachLog,
  join,
  type LogPart,
  offsetsAfter,
  record,
  records,
  rejectsWith,
  take,
  texts,
  until,
  untilShared,
} from './log-harness.ts';

/** A session that cannot run out within a test. */
const LONG_MS = 300_000;

export const logGroups: LogPart = (open, tuning) => {
  describe('a consumer group', () => {
    const subject = eachLog(open, tuning);
    const topics = ['a'];
    beforeEach(() =>
      subject.log.ensureTopics([
        { name: 'a', partitions: 6 },
        { name: 'out', partitions: 1 },
      ]),
    );

    it('shares partitions evenly, each to one member, as members come and go', async () => {
      const other = await subject.reopen();
      const options = { topics, sessionTimeoutMs: 3000 };
      const first = await join(subject.log, options);
      await untilShared([first], [6], tuning);
      const second = await join(other, options);
      await untilShared([first, second], [3, 3], tuning);
      const third = await join(other, options);
      await untilShared([first, second, third], [2, 2, 2], tuning);
      assert.equal(distinct([first, second, third]).size, 6);
      await first.close();
      await untilShared([second, third], [3, 3], tuning);
      assert.equal(distinct([second, third]).size, 6);
    });

    it('gives a member that leaves no time to run out: others take over at once', async () => {
      const first = await join(subject.log, { topics, sessionTimeoutMs: LONG_MS });
      const second = await join(await subject.reopen(), { topics, sessionTimeoutMs: LONG_MS });
      await untilShared([first, second], [3, 3], tuning);
      await first.close();
      await untilShared([second], [6], tuning);
    });

    it('lets a member finish what it has before its partitions go on, and repeats none of it', async () => {
      await subject.log.publish(Array.from({ length: 6 }, (_, partition) => records('a', partition, 4)).flat());
      const inHand: LogRecord[] = [];
      let first: Consumer;
      const onRevoked = async (partitions: readonly TopicPartition[]) => {
        await sleep(20);
        const leaving = new Set(partitions.map(({ partition }) => partition));
        const done = inHand.filter(({ partition }) => leaving.has(partition));
        await first.commit({ publish: [], offsets: offsetsAfter(done, 'finished') });
      };
      first = await join(subject.log, { topics, sessionTimeoutMs: LONG_MS, onRevoked });
      inHand.push(...(await take(first, 24, tuning)));
      const second = await join(await subject.reopen(), { topics, sessionTimeoutMs: LONG_MS });
      await untilShared([first, second], [3, 3], tuning);
      assert.deepEqual(await second.poll({ maxRecords: 100, waitMs: 50 }), []);
      const committed = await subject.log.committed('group');
      assert.deepEqual(
        committed.map(({ partition, offset, metadata }) => ({ partition, offset, metadata })),
        second.assignment().map(({ partition }) => ({ partition, offset: 4, metadata: 'finished' })),
      );
    });

    it('fences what a member read before it lost a partition, even once it has won it back', async () => {
      await subject.log.publish(Array.from({ length: 6 }, (_, partition) => records('a', partition, 2)).flat());
      const first = await join(subject.log, { topics, sessionTimeoutMs: LONG_MS });
      const inHand = await take(first, 12, tuning);
      const second = await join(subject.log, { topics, sessionTimeoutMs: LONG_MS });
      await untilShared([first, second], [3, 3], tuning);
      const gone = second.assignment().map(({ partition }) => partition);
      await second.close();
      await untilShared([first], [6], tuning);
      const stale = inHand.filter(({ partition }) => gone.includes(partition));
      await rejectsWith('LOG_FENCED', first.commit({ publish: [], offsets: offsetsAfter(stale) }));
      const again = await take(first, 6, tuning);
      assert.deepEqual(byPartition(again), byPartition(stale));
      await first.commit({ publish: [], offsets: offsetsAfter(again) });
    });

    it('waits for a member that does not finish no longer than its session, and fences what it commits then', async () => {
      await subject.log.publish(Array.from({ length: 6 }, (_, partition) => records('a', partition, 2)).flat());
      const { sessionTimeoutMs } = tuning;
      const revoked: TopicPartition[] = [];
      const onRevoked = (partitions: readonly TopicPartition[]) => {
        revoked.push(...partitions);
        return sleep(LONG_MS, undefined, { ref: false });
      };
      const first = await join(subject.log, { topics, sessionTimeoutMs, onRevoked });
      const inHand = await take(first, 12, tuning);
      const second = await join(await subject.reopen(), { topics, sessionTimeoutMs });
      await untilShared([first, second], [3, 3], tuning);
      assert.deepEqual(revoked, second.assignment());
      for (const partition of [0, 1, 2, 3, 4, 5]) {
        const mine = first.assignment().some((own) => own.partition === partition);
        const offsets = offsetsAfter(inHand.filter((one) => one.partition === partition));
        const commit = first.commit({ publish: [record('out', 0, `${partition}`)], offsets });
        await (mine ? commit : rejectsWith('LOG_FENCED', commit));
      }
      await rejectsWith(
        'LOG_FENCED',
        first.commit({ publish: [record('out', 0, 'x')], offsets: offsetsAfter(inHand) }),
      );
      const kept = first.assignment().map(({ partition }) => `${partition}`);
      assert.deepEqual(await contentOf(subject.log, 'out'), kept);
      assert.equal((await take(second, 6, tuning)).length, 6);
    });

    it('takes no sign from polling: a member that is busy keeps its partitions', async () => {
      const { sessionTimeoutMs } = tuning;
      await subject.log.publish(Array.from({ length: 6 }, (_, partition) => records('a', partition, 1)).flat());
      const first = await join(subject.log, { topics, sessionTimeoutMs });
      const second = await join(await subject.reopen(), { topics, sessionTimeoutMs });
      await untilShared([first, second], [3, 3], tuning);
      const inHand = await take(first, 3, tuning);
      await sleep(2 * sessionTimeoutMs);
      await first.commit({ publish: [], offsets: offsetsAfter(inHand) });
      assert.equal((await subject.log.committed('group')).length, 3);
      assert.deepEqual([first.assignment().length, second.assignment().length], [3, 3]);
    });

    it('is apart from other groups', async () => {
      await subject.log.publish(records('a', 0, 5));
      const members = await Promise.all(['x', 'y'].map((group) => join(subject.log, { group, topics })));
      for (const member of members) {
        const found = await take(member, 5, tuning);
        assert.deepEqual(texts(found), ['0', '1', '2', '3', '4']);
      }
      await members[0]?.commit({ publish: [], offsets: [{ topic: 'a', partition: 0, offset: 2, metadata: '' }] });
      assert.equal((await subject.log.committed('x')).length, 1);
      assert.deepEqual(await subject.log.committed('y'), []);
      assert.deepEqual(await subject.log.committed('z'), []);
    });

    it('shares topics that not all members read', async () => {
      const first = await join(subject.log, { topics: ['a', 'out'] });
      const second = await join(subject.log, { topics: ['a'] });
      await untilShared([first, second], [4, 3], tuning);
      assert.ok(first.assignment().some(({ topic }) => topic === 'out'));
    });

    it('is listed with its live members and what they hold', async () => {
      const consumer = await join(subject.log, { topics });
      await untilShared([consumer], [6], tuning);
      const [listed, ...others] = await (await subject.reopen()).groups();
      assert.deepEqual(others, []);
      assert.equal(listed?.group, 'group');
      assert.deepEqual(listed.members[0]?.partitions, consumer.assignment());
      await consumer.close();
      assert.deepEqual(await subject.log.groups(), [{ group: 'group', members: [] }]);
    });

    it('is reset to other offsets, but not while it has live members', async () => {
      await subject.log.publish(records('a', 3, 9));
      const offsets = [{ topic: 'a', partition: 3, offset: 6, metadata: 'replay' }];
      const consumer = await join(subject.log, { topics });
      const found = await take(consumer, 9, tuning);
      await consumer.commit({ publish: [], offsets: offsetsAfter(found) });
      await rejectsWith('LOG_FENCED', subject.log.resetOffsets('group', offsets));
      await consumer.close();
      const [offset = assert.fail()] = offsets;
      await rejectsWith('LOG_OFFSET_INVALID', subject.log.resetOffsets('group', [{ ...offset, offset: 10 }]));
      await subject.log.resetOffsets('group', offsets);
      const [{ committedAtMs: _, ...committed } = assert.fail()] = await subject.log.committed('group');
      assert.deepEqual([committed], offsets);
      const next = await join(subject.log, { topics });
      assert.deepEqual(texts(await take(next, 3, tuning)), ['6', '7', '8']);
    });

    it('that never was can be given offsets', async () => {
      await subject.log.publish(records('a', 0, 3));
      await subject.log.resetOffsets('new', [{ topic: 'a', partition: 0, offset: 2, metadata: '' }]);
      const consumer = await join(subject.log, { group: 'new', topics });
      assert.deepEqual(texts(await take(consumer, 1, tuning)), ['2']);
    });

    it('moves each record on once while members come and go, where commits are one step', async () => {
      await subject.log.publish(Array.from({ length: 6 }, (_, partition) => records('a', partition, 60)).flat());
      const other = await subject.reopen();
      const copy = async (consumer: Consumer) => {
        const found = await consumer.poll({ maxRecords: 5, waitMs: 20 });
        const publish = found.map((one) => record('out', 0, `${one.partition}/${one.offset}`));
        await consumer.commit({ publish, offsets: offsetsAfter(found) }).catch(onlyFenced);
      };
      const steady = await join(subject.log, { topics, sessionTimeoutMs: 3000 });
      for (let round = 0; round < 6; round++) {
        const guest = await join(other, { topics, sessionTimeoutMs: 3000 });
        for (let turn = 0; turn < 4; turn++) await Promise.all([copy(steady), copy(guest)]);
        await guest.close();
      }
      await until(
        'all copied',
        async () => {
          await copy(steady);
          return new Set(await contentOf(subject.log, 'out')).size === 360;
        },
        tuning,
      );
      const copied = await contentOf(subject.log, 'out');
      if (subject.log.atomicCommit) assert.equal(copied.length, 360);
    });
  });
};

function distinct(consumers: readonly Consumer[]): Set<string> {
  return new Set(consumers.flatMap((one) => one.assignment().map(({ topic, partition }) => `${topic}/${partition}`)));
}

function byPartition(found: readonly LogRecord[]): LogRecord[] {
  return found.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
}

function onlyFenced(error: unknown): void {
  assert.equal(error instanceof Error && 'code' in error && error.code, 'LOG_FENCED');
}
