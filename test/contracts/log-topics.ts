import assert from 'node:assert/strict';
import { contentOf, eachLog, type LogPart, record, rejectsWith } from './log-harness.ts';

export const logTopics: LogPart = (open, tuning) => {
  describe('topics', () => {
    const subject = eachLog(open, tuning);

    it('are listed with their settings and bounds', async () => {
      const { log } = subject;
      await log.ensureTopics([
        { name: 'b', partitions: 2, retention: { maxBytes: 1_000_000, maxAgeMs: 60_000 } },
        { name: 'a', partitions: 1 },
      ]);
      await log.publish([record('b', 1, 'x'), record('b', 1, 'y')]);
      const found = (await log.topics()).toSorted((x, y) => (x.name < y.name ? -1 : 1));
      assert.deepEqual(found, [
        { name: 'a', partitions: 1, offsets: [{ start: 0, end: 0 }] },
        {
          name: 'b',
          partitions: 2,
          retention: { maxBytes: 1_000_000, maxAgeMs: 60_000 },
          offsets: [
            { start: 0, end: 0 },
            { start: 0, end: 2 },
          ],
        },
      ]);
    });

    it('may be ensured again and by several at once, and keep their records', async () => {
      const { log } = subject;
      const other = await subject.reopen();
      const specs = [{ name: 'a', partitions: 3 }];
      await Promise.all([log.ensureTopics(specs), other.ensureTopics(specs), log.ensureTopics(specs)]);
      await log.publish([record('a', 2, 'x')]);
      await other.ensureTopics(specs);
      assert.deepEqual(await contentOf(log, 'a', 2), ['x']);
      assert.equal((await log.topics()).length, 1);
    });

    it('conflict when more partitions are asked for than they have', async () => {
      await subject.log.ensureTopics([{ name: 'a', partitions: 2 }]);
      await rejectsWith('LOG_TOPIC_CONFLICT', subject.log.ensureTopics([{ name: 'a', partitions: 3 }]));
      await subject.log.ensureTopics([{ name: 'a', partitions: 1 }]);
      assert.equal((await subject.log.topics())[0]?.partitions, 2);
    });

    it('take new retention settings', async () => {
      const retentions = [{ maxBytes: 5_000_000 }, { maxAgeMs: 60_000 }, undefined];
      for (const retention of retentions) {
        await subject.log.ensureTopics([{ name: 'a', partitions: 1, ...(retention && { retention }) }]);
        assert.deepEqual((await subject.log.topics())[0]?.retention, retention);
      }
    });

    it('that do not exist are refused', async () => {
      const { log } = subject;
      await log.ensureTopics([{ name: 'a', partitions: 1 }]);
      await rejectsWith('LOG_TOPIC_UNKNOWN', log.publish([record('b', 0, 'x')]));
      await rejectsWith('LOG_TOPIC_UNKNOWN', log.publish([record('a', 1, 'x')]));
      await rejectsWith(
        'LOG_TOPIC_UNKNOWN',
        log.read({ topic: 'b', partition: 0, offset: 0, maxRecords: 1, waitMs: 0 }),
      );
      await rejectsWith('LOG_TOPIC_UNKNOWN', log.consume({ group: 'g', topics: ['a', 'b'], from: 'earliest' }));
    });
  });
};
