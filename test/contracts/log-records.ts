import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import type { LogRecord, NewRecord } from '../../src/ports/log.ts';
import {
  contentOf,
  eachLog,
  type LogPart,
  MAX_RECORD_BYTES,
  record,
  records,
  rejectsWith,
  textOf,
  texts,
} from './log-harness.ts';

export const logRecords: LogPart = (open, tuning) => {
  describe('records', () => {
    const subject = eachLog(open, tuning);
    const read = (offset: number, maxRecords = 1000, waitMs = 0) =>
      subject.log.read({ topic: 'a', partition: 0, offset, maxRecords, waitMs });
    beforeEach(() => subject.log.ensureTopics([{ name: 'a', partitions: 2 }]));

    it('come back as they were published, whatever bytes and headers they have', async () => {
      const bytes = fc.uint8Array({ maxLength: 500 });
      const headers = fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }));
      const arbitrary = fc.record({ key: bytes, value: bytes, headers: headers.map((found) => ({ ...found })) });
      const samples = fc.sample(arbitrary, { numRuns: 100, seed: 7 });
      const published = samples.map((sample) => ({ topic: 'a', partition: 0, ...sample }));
      await subject.log.publish(published);
      assert.deepEqual((await read(0)).map(contentsOf), published.map(contentsOf));
    });

    it('may have 20,000 headers', async () => {
      const headers = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`h${index}`, '']));
      await subject.log.publish([{ ...record('a', 0, 'many'), headers }]);
      assert.deepEqual((await read(0))[0]?.headers, headers);
    });

    it('may be empty, and nearly as large as the limit', async () => {
      const value = Buffer.alloc(MAX_RECORD_BYTES - 100, 'large');
      const empty = { topic: 'a', partition: 0, key: new Uint8Array(0), headers: {}, value: new Uint8Array(0) };
      await subject.log.publish([empty, { ...empty, value }, empty]);
      assert.deepEqual((await read(0)).map(contentsOf), [empty, { ...empty, value }, empty].map(contentsOf));
    });

    it('that are too large are refused, and those after them are taken', async () => {
      const large = { ...record('a', 0, 'x'), value: new Uint8Array(MAX_RECORD_BYTES + 1) };
      await rejectsWith('RECORD_TOO_LARGE', subject.log.publish([record('a', 0, 'before'), large]));
      await subject.log.publish([record('a', 0, 'after')]);
      assert.equal((await contentOf(subject.log, 'a')).at(-1), 'after');
    });

    it('are numbered from 0 without gaps, and carry the time at which the log took them', async () => {
      const before = Date.now();
      await subject.log.publish(records('a', 0, 3));
      await subject.log.publish(records('a', 1, 2));
      const found = await read(0);
      assert.deepEqual(
        found.map(({ topic, partition, offset }) => [topic, partition, offset]),
        [
          ['a', 0, 0],
          ['a', 0, 1],
          ['a', 0, 2],
        ],
      );
      for (const { timestampMs } of found) assert.ok(timestampMs >= before && timestampMs <= Date.now());
    });

    it('stay as published when the caller reuses its buffers', async () => {
      const reused = record('a', 0, 'first');
      const published = subject.log.publish([reused]);
      reused.value.fill(0);
      await published;
      assert.equal(reused.value.length, 5);
      assert.deepEqual(await contentOf(subject.log, 'a'), ['first']);
    });

    it('keep the order of each publisher when many publish at once', async () => {
      const other = await subject.reopen();
      const publishers = Array.from({ length: 8 }, async (_, publisher) => {
        const log = publisher % 2 === 0 ? subject.log : other;
        for (let batch = 0; batch < 20; batch++) {
          await log.publish([0, 1, 2].map((i) => record('a', 0, `${publisher}:${batch * 3 + i}`)));
        }
      });
      await Promise.all(publishers);
      const found = await read(0);
      assert.deepEqual(
        found.map(({ offset }) => offset),
        Array.from({ length: 480 }, (_, offset) => offset),
      );
      for (const [, own] of Map.groupBy(texts(found), (text) => text.split(':')[0])) {
        const sequence = own.map((text) => Number(text.split(':')[1]));
        assert.deepEqual(
          sequence,
          Array.from({ length: 60 }, (_, i) => i),
        );
      }
    });

    it('keep the order of calls that were not awaited', async () => {
      await Promise.all(records('a', 0, 50).map((one) => subject.log.publish([one])));
      assert.deepEqual(
        await contentOf(subject.log, 'a'),
        records('a', 0, 50).map((one) => textOf(one)),
      );
    });

    it('are read from any offset on, as many as asked for', async () => {
      await subject.log.publish(records('a', 0, 10));
      assert.deepEqual(texts(await read(4, 3)), ['4', '5', '6']);
      assert.deepEqual(texts(await read(8, 3)), ['8', '9']);
      assert.deepEqual(texts(await read(-5, 2)), ['0', '1']);
      assert.deepEqual(await read(10, 3), []);
      await rejectsWith('LOG_OFFSET_INVALID', read(11));
    });

    it('wake a read that waits for them, from wherever they are published', async () => {
      const other = await subject.reopen();
      for (const [offset, log] of [subject.log, other].entries()) {
        const waiting = read(offset, 10, tuning.settleMs);
        await sleep(20);
        await log.publish([record('a', 1, 'elsewhere')]);
        await log.publish([record('a', 0, `${offset}`)]);
        assert.deepEqual(texts(await waiting), [`${offset}`]);
      }
    });

    it('that do not come end a read empty when its time is up', async () => {
      assert.deepEqual(await read(0, 1, 30), []);
    });

    it('are there when the log is opened again', async () => {
      await subject.log.publish(records('a', 0, 100));
      await subject.log.close();
      const again = await subject.reopen();
      assert.equal((await contentOf(again, 'a')).length, 100);
      await again.publish([record('a', 0, 'more')]);
      assert.equal((await contentOf(again, 'a'))[100], 'more');
    });

    it('are neither taken nor given once the log is closed, which may be closed twice', async () => {
      const waiting = read(0, 1, 60_000);
      const publishing = subject.log.publish([record('a', 1, 'last')]);
      await subject.log.close();
      await subject.log.close();
      assert.deepEqual(await waiting, []);
      await publishing;
      await rejectsWith('LOG_CLOSED', subject.log.publish([record('a', 0, 'x')]));
      await rejectsWith('LOG_CLOSED', read(0));
      await rejectsWith('LOG_CLOSED', subject.log.topics());
      assert.deepEqual(await contentOf(await subject.reopen(), 'a', 1), ['last']);
    });
  });
};

function contentsOf({ key, headers, value }: NewRecord | LogRecord) {
  return { key: Buffer.from(key).toString('hex'), headers, value: Buffer.from(value).toString('hex') };
}
