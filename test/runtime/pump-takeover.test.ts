import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Mutex } from '../../src/concurrency/mutex.ts';
import { OrdoError } from '../../src/errors.ts';
import type { Handler } from '../../src/ports/handler.ts';
import type { Log, LogRecord } from '../../src/ports/log.ts';
import { Pump } from '../../src/runtime/pump.ts';
import { faultyLog } from '../support/faulty-log.ts';
import { openPumpBench } from '../support/pumps.ts';
import { newRecord, textOf } from '../support/records.ts';
import { silent } from '../support/silent.ts';

const OPTIONS = { group: 'g', ...silent, maxInFlight: 8, sessionTimeoutMs: 1000, drainMs: 1000 };

describe('Pump, when its partitions change hands', () => {
  it('begins again with a partition that was lost and won between a poll and its records', async () => {
    const place = { topic: 'first', partition: 0 };
    const recordsOf = (...offsets: number[]) =>
      offsets.map((offset) => ({ ...newRecord(`${offset}`, place), offset, timestampMs: 0 }));
    const published: string[] = [];
    let polls = 0;
    let fenced = 0;
    const on: Pick<Log, 'consume'> = {
      consume: async ({ onAssigned }) => {
        const win = (partition: number) => onAssigned?.([{ ...place, partition, offset: 0, metadata: '' }]);
        return {
          async poll() {
            polls += 1;
            if (polls === 1) win(0);
            if (polls === 2) win(1);
            await sleep(5);
            return [recordsOf(0, 1, 2), recordsOf(3, 4), recordsOf(0, 1, 2, 3, 4)][polls - 1] ?? [];
          },
          async commit({ publish: outputs, offsets }) {
            if (offsets.some(({ partition }) => partition === 1) && fenced++ === 0) {
              win(0);
              throw new OrdoError('LOG_FENCED', 'the session had expired');
            }
            published.push(...outputs.map(textOf));
          },
          pause: () => {},
          resume: () => {},
          assignment: () => [place, { ...place, partition: 1 }],
          close: async () => {},
        };
      },
    };
    const forgotten = new Set(['0', '1', '2']);
    const handler: Handler = {
      name: 'copy',
      inputs: ['first'],
      async handle(record) {
        if (forgotten.delete(textOf(record))) await sleep(1000);
        return [newRecord(textOf(record), { topic: 'out', partition: record.partition })];
      },
      giveUp: () => [],
    };
    const pump = new Pump({ log: on as Log, handler, ...OPTIONS, alone: new Mutex() });
    const end = Date.now() + 5000;
    while (published.length < 5 && Date.now() < end) await sleep(5);
    await pump.stop();
    assert.deepEqual(published, ['0', '1', '2', '3', '4']);
  });

  it('tries no record again of which the partition was lost', async () => {
    const place = { topic: 'first', partition: 0 };
    let held = true;
    const on: Pick<Log, 'consume'> = {
      consume: async ({ onAssigned }) => {
        let polls = 0;
        return {
          async poll() {
            if (polls++ > 0) await sleep(5);
            else onAssigned?.([{ ...place, offset: 0, metadata: '' }]);
            return polls === 1 ? [{ ...newRecord('stuck', place), offset: 0, timestampMs: 0 }] : [];
          },
          commit: async () => {},
          pause: () => {},
          resume: () => {},
          assignment: () => (held ? [place] : []),
          close: async () => {},
        };
      },
    };
    let tries = 0;
    const handler: Handler = {
      name: 'copy',
      inputs: ['first'],
      handle() {
        tries += 1;
        return Promise.reject(new OrdoError('MODEL_MISMATCH', 'another model'));
      },
      giveUp: () => [],
    };
    const pump = new Pump({ log: on as Log, handler, ...OPTIONS, alone: new Mutex() });
    while (tries < 2) await sleep(5);
    assert.match(pump.trouble ?? '', /MODEL_MISMATCH/);
    held = false;
    await sleep(600);
    assert.equal(tries, 2);
    assert.equal(pump.trouble, undefined);
    await pump.stop();
  });

  it('handles no suspect without its mark where it is stopped while it reads it', async () => {
    const bench = await openPumpBench();
    try {
      await bench.publish('first', ['suspect']);
      await bench.log.resetOffsets('g', [{ topic: 'first', partition: 0, offset: 0, metadata: 'starts=2 alone=0' }]);
      const stopping = faultyLog(bench.log, () => undefined);
      const stopped = Promise.withResolvers<void>();
      let handled = 0;
      stopping.read = async (request) => {
        stopped.resolve(pump.stop());
        return bench.log.read(request);
      };
      const handle = async (record: LogRecord) => {
        handled++;
        return [textOf(record)];
      };
      const pump = bench.start(handle, stopping, { drainMs: 10_000 });
      const began = performance.now();
      await stopped.promise;
      assert.equal(handled, 0);
      assert.ok(performance.now() - began < 5000, 'waited for what was never begun');
      const committed = await bench.log.committed('g');
      assert.equal(
        committed.find(({ topic, partition }) => topic === 'first' && partition === 0)?.metadata,
        'starts=2 alone=0',
      );
    } finally {
      await bench.close();
    }
  });
});
