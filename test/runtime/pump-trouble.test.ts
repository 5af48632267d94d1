import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { OrdoError } from '../../src/errors.ts';
import type { Consumer, Log, LogRecord, NewRecord } from '../../src/ports/log.ts';
import { faultyLog } from '../support/faulty-log.ts';
import { numbers, openPumpBench, type PumpBench } from '../support/pumps.ts';
import { textOf } from '../support/records.ts';
import { tellingLogger } from '../support/silent.ts';

describe('Pump, in trouble', () => {
  let bench: PumpBench;

  beforeEach(async () => {
    bench = await openPumpBench();
  });
  afterEach(() => bench.close());

  for (const [what, count] of [
    ['a record is', 1],
    ['as many records as it handles at a time are', 8],
    ['more records than it holds are', 40],
  ] as const) {
    it(`keeps only the partition waiting in which ${what} tried again and again`, async () => {
      let passing = false;
      const waiting = [...Array.from({ length: count }, () => 'stuck'), ...numbers(60)];
      await bench.publish('first', waiting, 0);
      await bench.publish('first', numbers(60), 1);
      bench.start(async (record) => {
        if (textOf(record) === 'stuck' && !passing) throw new OrdoError('MODEL_MISMATCH', 'another model');
        return [textOf(record)];
      });
      assert.deepEqual(await bench.read('out', 60, 1), numbers(60));
      await bench.publish('first', ['later'], 1);
      assert.equal((await bench.read('out', 61, 1)).at(-1), 'later');
      passing = true;
      assert.deepEqual(await bench.read('out', waiting.length, 0), waiting);
    }).timeout(20_000);
  }

  it('keeps only the partition waiting in which all records hang that it may handle at a time', async () => {
    await bench.publish('first', numbers(30), 0);
    let hanging = 0;
    bench.start((record) => {
      if (record.partition === 1) return Promise.resolve([textOf(record)]);
      hanging++;
      return new Promise(() => {});
    });
    while (hanging < 8) await sleep(5);
    await bench.publish('first', numbers(60), 1);
    assert.deepEqual(await bench.read('out', 60, 1), numbers(60));
    assert.equal(hanging, 8);
  });

  it('keeps only the partition waiting in which all records hang that it tries again', async () => {
    const tried = new Set<string>();
    let hanging = 0;
    const handle = async (record: LogRecord) => {
      const name = `${record.partition}/${record.offset}`;
      if (!tried.has(name)) {
        tried.add(name);
        throw new OrdoError('SCORER_FAILED', 'no memory');
      }
      if (record.partition === 1) return [textOf(record)];
      hanging++;
      return new Promise<string[]>(() => {});
    };
    await bench.publish('first', numbers(8), 0);
    bench.start(handle);
    while (tried.size < 8 || hanging < 4) await sleep(5);
    await sleep(300);
    await bench.publish('first', numbers(8), 1);
    assert.deepEqual(await bench.read('out', 8, 1), numbers(8));
    assert.equal(hanging, 4);
  });

  it('tries no more records again at a time than it handles for the first time', async () => {
    await bench.publish('first', numbers(60), 0);
    await bench.publish('first', numbers(60), 1);
    const tried = new Map<string, number>();
    let retries = 0;
    let most = 0;
    bench.start(async ({ partition, offset }) => {
      const times = (tried.get(`${partition}/${offset}`) ?? 0) + 1;
      tried.set(`${partition}/${offset}`, times);
      if (times > 1) most = Math.max(most, ++retries);
      await sleep(100);
      if (times > 1) retries--;
      throw new OrdoError('SCORER_FAILED', 'no memory');
    });
    while (tried.size < 9 || Math.max(...tried.values()) < 5) await sleep(5);
    assert.ok(most > 4 && most <= 8, `${most} at a time`);
    assert.ok(tried.size < 2 * 16, `took ${tried.size}`);
  });

  it('holds no more of a partition that waits than it may', async () => {
    await bench.publish('first', ['stuck', ...numbers(60)]);
    let handled = 0;
    bench.start(async (record) => {
      if (textOf(record) === 'stuck') throw new OrdoError('MODEL_MISMATCH', 'another model');
      handled++;
      return [];
    });
    while (handled < 15) await sleep(5);
    await sleep(300);
    assert.ok(handled >= 15 && handled < 24, `handled ${handled}`);
  });

  it('gives up a record of which the outputs are too large for the log, and goes on', async () => {
    await bench.publish('first', ['x', 'large', 'y']);
    bench.start(async (record) => [textOf(record) === 'large' ? 'x'.repeat(100) : textOf(record)], small(50));
    assert.deepEqual(await bench.read('out', 2), ['x', 'y']);
    assert.deepEqual(await bench.read('dead', 1), ['RECORD_TOO_LARGE large']);
  });

  it('leaves the value out of a dead letter that would be too large', async () => {
    await bench.publish('first', ['x', 'large'.repeat(20), 'y']);
    const failing = async (record: LogRecord) => {
      if (textOf(record).startsWith('large')) throw new OrdoError('IMAGE_CORRUPT', 'cut off');
      return [textOf(record)];
    };
    bench.start(failing, small(50));
    assert.deepEqual(await bench.read('out', 2), ['x', 'y']);
    assert.deepEqual(await bench.read('dead', 1), ['RECORD_TOO_LARGE ']);
  });

  it('ends with the error where no outputs are small enough', async () => {
    await bench.publish('first', ['x']);
    const pump = bench.start(async (record) => [textOf(record)], small(0));
    await assert.rejects(pump.done, { code: 'RECORD_TOO_LARGE' });
  });

  const tooLarge = (publish: readonly NewRecord[], most: number) =>
    publish.some(({ value }) => value.length > most)
      ? new OrdoError('RECORD_TOO_LARGE', `more than ${most} bytes`)
      : undefined;

  /** The log, for outputs of so many bytes. */
  const small = (most: number) => faultyLog(bench.log, ({ publish }) => tooLarge(publish, most));

  it('says that nothing can be committed for as long as that is so, though it can read', async () => {
    await bench.publish('first', ['x']);
    let full = true;
    const disk = faultyLog(bench.log, () => (full ? new OrdoError('LOG_FULL', 'no space left') : undefined));
    const pump = bench.start(async (record) => [textOf(record)], disk);
    while (!pump.trouble) await sleep(5);
    for (let looks = 0; looks < 60; looks++) {
      await sleep(10);
      assert.match(pump.trouble ?? '', /LOG_FULL/);
      assert.equal(pump.obstacle, pump.trouble);
    }
    full = false;
    assert.deepEqual(await bench.read('out', 1), ['x']);
    while (pump.trouble) await sleep(5);
  });

  it('says which record is tried again for as long as it is, whatever the other partitions do', async () => {
    let passing = false;
    await bench.publish('first', ['stuck'], 0);
    const said: string[] = [];
    const pump = bench.start(
      async (record) => {
        if (textOf(record) === 'stuck' && !passing) throw new OrdoError('MODEL_MISMATCH', 'another model');
        return [textOf(record)];
      },
      bench.log,
      { logger: tellingLogger(said) },
    );
    while (!pump.trouble) await sleep(5);
    for (const text of numbers(25)) {
      await bench.publish('first', [text], 1);
      for (let looks = 0; looks < 4; looks++) {
        assert.match(pump.trouble ?? '', /^MODEL_MISMATCH: another model \(.*offset 0 of first, partition 0/);
        await sleep(5);
      }
    }
    assert.deepEqual(await bench.read('out', 25, 1), numbers(25));
    assert.match(said[0] ?? '', /^warn: another model .*"topic":"first","partition":0,"offset":0/);
    passing = true;
    assert.deepEqual(await bench.read('out', 1, 0), ['stuck']);
    assert.equal(pump.trouble, undefined);
  });

  it('is kept by a record that is tried again only where nothing was committed for a minute', async () => {
    let passedMs = 0;
    let commits = 0;
    const handle = async (record: LogRecord) => {
      if (textOf(record) === 'stuck') throw new OrdoError('MODEL_MISMATCH', 'another model');
      return [textOf(record)];
    };
    const handler = { ...bench.handler(handle), onCommitted: () => void commits++ };
    await bench.publish('first', ['stuck'], 0);
    const pump = bench.start(handle, bench.log, { handler, now: () => performance.now() + passedMs });
    while (!pump.trouble) await sleep(5);
    for (const text of numbers(4)) {
      await bench.publish('first', [text], 1);
      while (commits <= Number(text)) await sleep(5);
      passedMs += 40_000;
      assert.equal(pump.obstacle, undefined);
      assert.match(pump.trouble ?? '', /MODEL_MISMATCH/);
    }
    passedMs += 40_000;
    assert.match(pump.obstacle ?? '', /^MODEL_MISMATCH: another model \(.*offset 0 of first, partition 0/);
    await bench.publish('first', ['later'], 1);
    while (pump.obstacle) await sleep(5);
  });

  it('says which record has been handled for suspiciously long, for as long as that is so', async () => {
    const { promise, resolve } = Promise.withResolvers<string[]>();
    await bench.publish('first', ['hangs'], 0);
    await bench.publish('first', ['x'], 1);
    const pump = bench.start((record) => (textOf(record) === 'x' ? Promise.resolve(['x']) : promise), bench.log, {
      stalledMs: 50,
    });
    assert.deepEqual(await bench.read('out', 1, 1), ['x']);
    while (!pump.trouble) await sleep(5);
    assert.match(pump.trouble, /the record at offset 0 of first, partition 0, has been handled for 0 minutes/);
    assert.equal(pump.obstacle, pump.trouble);
    resolve(['late']);
    assert.deepEqual(await bench.read('out', 1, 0), ['late']);
    assert.equal(pump.trouble, undefined);
  });

  it('tries what cannot be committed a few times and no more while it stops', async () => {
    await bench.publish('first', ['x', 'y']);
    let attempts = 0;
    const full = faultyLog(bench.log, ({ publish: outputs }) =>
      outputs.length > 0 && ++attempts > 0 ? new OrdoError('LOG_FULL', 'no space left') : undefined,
    );
    const pump = bench.start(async (record) => [textOf(record)], full);
    while (attempts < 1) await sleep(5);
    const before = attempts;
    await pump.stop();
    assert.ok(attempts - before < 20, `${attempts - before} attempts in a second`);
  });

  it('suspects no record of which the outputs are refused for good, however often it is started', async () => {
    await bench.publish('first', ['x']);
    const closed = faultyLog(bench.log, ({ publish }) =>
      publish.some(({ topic }) => topic === 'out') ? new OrdoError('LOG_FORBIDDEN', 'may not write out') : undefined,
    );
    for (let starts = 1; starts <= 7; starts++) {
      await assert.rejects(bench.start(async (record) => [textOf(record)], closed).done, { code: 'LOG_FORBIDDEN' });
      const marks = (await bench.log.committed('g')).map(({ metadata }) => metadata);
      assert.deepEqual(new Set(marks), new Set(['']), `after ${starts} starts`);
    }
    assert.deepEqual(await bench.log.read({ topic: 'dead', partition: 0, offset: 0, maxRecords: 9, waitMs: 0 }), []);
  });

  it('ends with the error in time though the log does not even answer any more', async () => {
    await bench.publish('first', ['x']);
    const refusing = faultyLog(bench.log, ({ publish }) =>
      publish.length > 0 ? new OrdoError('LOG_REFUSED', 'a policy') : undefined,
    );
    let silences = 0;
    const mute: Log = {
      ...refusing,
      async consume(options) {
        const consumer = await refusing.consume(options);
        const commit: Consumer['commit'] = (request) => {
          const marks = request.offsets.every(({ metadata }) => metadata !== '');
          if (request.publish.length > 0 || marks) return consumer.commit(request);
          silences++;
          return new Promise(() => {});
        };
        return { ...consumer, commit };
      },
    };
    const began = performance.now();
    const pump = bench.start(async (record) => [textOf(record)], mute, { drainMs: 50 });
    await assert.rejects(pump.done, { code: 'LOG_REFUSED' });
    assert.equal(silences, 1);
    assert.ok(performance.now() - began < 5000);
  });

  it('suspects no record that it could not finish before its partition went to another', async () => {
    await bench.publish('first', ['stuck'], 0);
    await bench.publish('first', ['stuck'], 1);
    let begun = 0;
    const hang = () => {
      begun++;
      return new Promise<string[]>(() => {});
    };
    bench.start(hang);
    while (begun < 2) await sleep(5);
    bench.start(hang);
    while (begun < 3) await sleep(5);
    const committed = (await bench.log.committed('g')).filter(({ topic }) => topic === 'first');
    assert.deepEqual(committed.map(({ metadata }) => metadata).toSorted(), ['starts=1 alone=0', 'starts=1 alone=0']);
  }).timeout(20_000);
});
