import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { OrdoError } from '../../src/errors.ts';
import type { Log } from '../../src/ports/log.ts';
import { Mutex } from '../../src/concurrency/mutex.ts';
import { Pump } from '../../src/runtime/pump.ts';
import { faultyLog } from '../support/faulty-log.ts';
import { numbers, openPumpBench, type PumpBench } from '../support/pumps.ts';
import { textOf } from '../support/records.ts';
import { silent } from '../support/silent.ts';

describe('Pump', () => {
  let bench: PumpBench;
  let log: Log;

  beforeEach(async () => {
    bench = await openPumpBench();
    log = bench.log;
  });
  afterEach(() => bench.close());

  it('publishes outputs in the order of the inputs though later records finish first', async () => {
    await bench.publish('first', numbers(40));
    bench.start(async (record) => {
      await sleep(record.offset % 4 === 0 ? 15 : 1);
      return [textOf(record)];
    });
    assert.deepEqual(await bench.read('out', 40), numbers(40));
  });

  it('never holds more records than it may', async () => {
    await bench.publish('first', numbers(50));
    let held = 0;
    let most = 0;
    bench.start(async (record) => {
      most = Math.max(most, ++held);
      await sleep(2);
      held--;
      return [textOf(record)];
    });
    await bench.read('out', 50);
    assert.ok(most > 1 && most <= 8, `held ${most}`);
  });

  it('reads a topic of higher priority before the others', async () => {
    await bench.publish('first', numbers(20));
    await bench.publish('second', ['urgent']);
    const seen: string[] = [];
    bench.start(async (record) => [seen[seen.push(textOf(record)) - 1] ?? '']);
    await bench.read('out', 21);
    assert.equal(seen[0], 'urgent');
  });

  it('goes on where a stopped one left off', async () => {
    await bench.publish('first', numbers(5));
    const one = bench.start(async (record) => [textOf(record)]);
    await bench.read('out', 5);
    await one.stop();
    await bench.publish('first', ['5', '6']);
    bench.start(async (record) => [textOf(record)]);
    assert.deepEqual(await bench.read('out', 7), numbers(7));
  });

  it('sets a record aside that cannot be handled, and goes on with the next', async () => {
    await bench.publish('first', ['good', 'bad', 'fine']);
    bench.start(async (record) => {
      if (textOf(record) === 'bad') throw new OrdoError('IMAGE_CORRUPT', 'cut off');
      return [textOf(record)];
    });
    assert.deepEqual(await bench.read('out', 2), ['good', 'fine']);
    assert.deepEqual(await bench.read('dead', 1), ['IMAGE_CORRUPT bad']);
  });

  it('takes a defect of the handler for an INTERNAL error of that record alone', async () => {
    await bench.publish('first', ['bug', 'fine']);
    bench.start(async (record) =>
      textOf(record) === 'bug' ? Promise.reject(new TypeError('oops')) : [textOf(record)],
    );
    assert.deepEqual(await bench.read('out', 1), ['fine']);
    assert.deepEqual(await bench.read('dead', 1), ['INTERNAL bug']);
  });

  it('repeats a record after a passing error and says what keeps it', async () => {
    await bench.publish('first', ['slow']);
    let calls = 0;
    const pump = bench.start(async (record) => {
      if (++calls < 3) throw new OrdoError('MODEL_MISMATCH', 'another model');
      assert.match(pump.trouble ?? '', /MODEL_MISMATCH/);
      return [textOf(record)];
    });
    assert.deepEqual(await bench.read('out', 1), ['slow']);
    assert.equal(calls, 3);
    await pump.stop();
    assert.equal(pump.trouble, undefined);
  });

  it('waits out a full disk without losing or setting aside anything', async () => {
    await bench.publish('first', numbers(10));
    let failures = 0;
    const full = faultyLog(log, () => (failures++ < 4 ? new OrdoError('LOG_FULL', 'no space left') : undefined));
    bench.start(async (record) => [textOf(record)], full);
    assert.deepEqual(await bench.read('out', 10), numbers(10));
    assert.deepEqual(await log.read({ topic: 'dead', partition: 0, offset: 0, maxRecords: 10, waitMs: 0 }), []);
  });

  it('ends with the error when the log is damaged', async () => {
    await bench.publish('first', ['x']);
    const damaged = faultyLog(log, (request) =>
      request.publish.length > 0 ? new OrdoError('LOG_CORRUPT', 'bad page') : undefined,
    );
    const pump = bench.start(async (record) => [textOf(record)], damaged);
    await assert.rejects(pump.done, { code: 'LOG_CORRUPT' });
  });

  it('finishes what it holds when it is stopped', async () => {
    await bench.publish('first', numbers(3));
    let begun = 0;
    const pump = bench.start(async (record) => {
      begun++;
      await sleep(100);
      return [textOf(record)];
    });
    while (begun < 3) await sleep(5);
    await pump.stop();
    assert.deepEqual(await bench.read('out', 3), numbers(3));
  });

  it('leaves what does not finish in time to the next owner', async () => {
    await bench.publish('first', ['stuck']);
    let begun = 0;
    const pump = bench.start(() => {
      begun++;
      return new Promise(() => {});
    });
    while (begun < 1) await sleep(5);
    await pump.stop();
    bench.start(async (record) => [textOf(record)]);
    assert.deepEqual(await bench.read('out', 1), ['stuck']);
  });

  it('shares partitions between two pumps and handles each record once', async () => {
    const counts = [0, 0];
    for (const index of [0, 1]) {
      bench.start(async (record) => {
        counts[index] = (counts[index] ?? 0) + 1;
        return [textOf(record)];
      });
    }
    for (let tries = 0; tries < 100; tries++) {
      const members = (await log.groups()).find(({ group }) => group === 'g')?.members ?? [];
      if (members.length === 2 && members.every(({ partitions }) => partitions.length === 2)) break;
      await sleep(50);
    }
    for (const partition of [0, 1])
      for (const topic of ['first', 'second']) await bench.publish(topic, numbers(10), partition);
    await Promise.all([bench.read('out', 20, 0), bench.read('out', 20, 1)]);
    assert.equal(counts[0]! + counts[1]!, 40);
    assert.ok(
      counts.every((count) => count > 0),
      `shares ${counts.join(', ')}`,
    );
  });

  it('isolates a record at which processes died, and gives it up in the end', async () => {
    await bench.publish('first', ['killer', 'fine']);
    const marks: string[] = [];
    await abandon('starts=5 alone=3');
    bench.start(async (record) => {
      marks.push(textOf(record));
      return [textOf(record)];
    });
    assert.deepEqual(await bench.read('dead', 1), ['RECORD_POISON killer']);
    assert.deepEqual(await bench.read('out', 1), ['fine']);
    assert.deepEqual(marks, ['fine']);
  });

  it('handles a suspect alone and goes on as usual once it is past', async () => {
    await bench.publish('first', ['suspect', ...numbers(6)]);
    await abandon('starts=2 alone=0');
    let held = 0;
    let besideSuspect = 0;
    bench.start(async (record) => {
      held++;
      await sleep(20);
      if (textOf(record) === 'suspect') {
        besideSuspect = held - 1;
        const [committed] = await log.committed('g').then((all) => all.filter(({ topic }) => topic === 'first'));
        assert.equal(committed?.metadata, 'starts=3 alone=1');
      }
      held--;
      return [textOf(record)];
    });
    assert.deepEqual(await bench.read('out', 7), ['suspect', ...numbers(6)]);
    assert.equal(besideSuspect, 0);
  });

  it('does not suspect a record whose pump was stopped in good order', async () => {
    await bench.publish('first', ['stuck']);
    for (let times = 0; times < 4; times++) {
      let begun = 0;
      const pump = bench.start(() => {
        begun++;
        return new Promise(() => {});
      });
      while (begun < 1) await sleep(5);
      await pump.stop();
    }
    const committed = await log.committed('g');
    assert.ok(
      committed.every(({ metadata }) => metadata === ''),
      JSON.stringify(committed),
    );
  }).timeout(30_000);

  it('stops in time though a suspect never finishes, and goes on with the others meanwhile', async () => {
    await bench.publish('first', ['suspect']);
    await abandon('starts=2 alone=0');
    let begun = 0;
    const pump = bench.start(() => {
      begun++;
      return new Promise(() => {});
    });
    while (begun < 1) await sleep(5);
    await pump.stop();
    const marks = (await log.committed('g')).filter(({ metadata }) => metadata !== '');
    assert.deepEqual(
      marks.map(({ topic, partition, metadata }) => `${topic}/${partition}: ${metadata}`),
      ['first/0: starts=2 alone=0'],
    );
  });

  it('handles one suspect at a time in the whole process', async () => {
    const alone = new Mutex();
    let together = 0;
    let most = 0;
    for (const [group, topic] of [
      ['g', 'first'],
      ['h', 'second'],
    ] as const) {
      await bench.publish(topic, ['suspect']);
      await log.resetOffsets(group, [{ topic, partition: 0, offset: 0, metadata: 'starts=2 alone=0' }]);
      const watched = bench.handler(async (record) => {
        most = Math.max(most, ++together);
        await sleep(100);
        together--;
        return [`${textOf(record)} of ${topic}`];
      });
      const options = { log, group, alone, maxInFlight: 8, sessionTimeoutMs: 1000, drainMs: 1000, ...silent };
      bench.pumps.push(new Pump({ ...options, handler: { ...watched, inputs: [topic] } }));
    }
    await bench.read('out', 2);
    assert.equal(most, 1);
  });

  it('ends with the defect of a handler that cannot even give up', async () => {
    await bench.publish('first', ['x']);
    const broken = bench.handler(() => Promise.reject(new OrdoError('IMAGE_CORRUPT', 'cut')));
    const giveUp = () => {
      throw new TypeError('no dead letter for this');
    };
    const options = { log, group: 'g', alone: new Mutex(), maxInFlight: 8, sessionTimeoutMs: 1000, drainMs: 100 };
    const pump = new Pump({ ...options, ...silent, handler: { ...broken, giveUp } });
    await assert.rejects(pump.done, TypeError);
  });

  it('loses no wake-up while pumps come and go', async () => {
    const batch = numbers(300);
    await bench.publish('first', batch, 0);
    await bench.publish('first', batch, 1);
    bench.start(async (record) => [textOf(record)]);
    for (let round = 0; round < 4; round++) {
      const other = bench.start(async (record) => [textOf(record)]);
      await sleep(40);
      await other.stop();
    }
    assert.deepEqual(await bench.read('out', 300, 0), batch);
    assert.deepEqual(await bench.read('out', 300, 1), batch);
  });

  function abandon(metadata: string): Promise<void> {
    return log.resetOffsets('g', [{ topic: 'first', partition: 0, offset: 0, metadata }]);
  }
});
