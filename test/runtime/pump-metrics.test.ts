import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { OrdoError } from '../../src/errors.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import { faultyLog } from '../support/faulty-log.ts';
import { openPumpBench, type PumpBench } from '../support/pumps.ts';
import { textOf } from '../support/records.ts';
import { silent } from '../support/silent.ts';

describe('the metrics of a Pump', () => {
  let bench: PumpBench;
  let letters: string[];
  let inFlight: number | undefined;
  const telemetry: Telemetry = {
    ...silent.telemetry,
    count: (metric, labels) => {
      if (metric === 'ordo_dead_letters_total') letters.push(Reflect.get(labels, 'code'));
    },
    set: (metric, _labels, value) => {
      if (metric === 'ordo_in_flight_records') inFlight = value;
    },
  };

  beforeEach(async () => {
    letters = [];
    inFlight = undefined;
    bench = await openPumpBench();
  });
  afterEach(() => bench.close());

  const corrupt = () => Promise.reject(new OrdoError('IMAGE_CORRUPT', 'cut off'));

  it('count a dead letter once it is on the log, and not while it cannot be written', async () => {
    let full = true;
    const disk = faultyLog(bench.log, () => (full ? new OrdoError('LOG_FULL', 'no space left') : undefined));
    await bench.publish('first', ['x']);
    const pump = bench.start(corrupt, disk, { telemetry });
    while (!pump.trouble) await sleep(5);
    assert.deepEqual(letters, []);
    full = false;
    await bench.read('dead', 1);
    await pump.stop();
    assert.deepEqual(letters, ['IMAGE_CORRUPT']);
  });

  it('count a record once that is given up anew because its dead letter is too large', async () => {
    const small = faultyLog(bench.log, ({ publish }) =>
      publish.some((record) => textOf(record).includes('IMAGE_CORRUPT'))
        ? new OrdoError('RECORD_TOO_LARGE', 'more than it takes')
        : undefined,
    );
    await bench.publish('first', ['x']);
    const pump = bench.start(corrupt, small, { telemetry });
    await bench.read('dead', 1);
    await pump.stop();
    assert.deepEqual(letters, ['RECORD_TOO_LARGE']);
  });

  it('show records in hand as soon as they are taken, and none once they are let go', async () => {
    await bench.publish('first', ['x', 'y', 'z']);
    const pump = bench.start(() => new Promise(() => {}), bench.log, { telemetry, drainMs: 10 });
    while (inFlight !== 3) await sleep(5);
    await pump.stop();
    assert.equal(inFlight, 0);
  });
});
