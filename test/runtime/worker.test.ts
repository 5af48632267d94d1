import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { sha256, toHex } from '../../src/domain/digest.ts';
import { OrdoError } from '../../src/errors.ts';
import type { LogRecord, NewRecord } from '../../src/ports/log.ts';
import type { Entry } from '../../src/runtime/tracker.ts';
import { Worker } from '../../src/runtime/worker.ts';
import { logRecord, newRecord } from '../support/records.ts';
import { silent } from '../support/silent.ts';

const TOO_LARGE = new OrdoError('RECORD_TOO_LARGE', 'a record of 9 bytes');

describe('Worker', () => {
  let given: { record: LogRecord; message: string; kept: LogRecord | undefined }[];
  let handle: (record: LogRecord) => Promise<NewRecord[]>;
  let isHeld: (entry: Entry) => boolean;
  const worker = new Worker({
    handler: {
      name: 'copy',
      inputs: ['t'],
      handle: (record) => handle(record),
      giveUp(record, { message }, kept) {
        given.push({ record, message, kept });
        return [newRecord('given up')];
      },
    },
    signal: new AbortController().signal,
    mostRetries: 1,
    onRetry: () => {},
    isHeld: (entry) => isHeld(entry),
    ...silent,
  });
  beforeEach(() => {
    given = [];
    handle = async () => [];
    isHeld = () => true;
  });

  it('begins no further attempt at a record that was lost while others were tried again', async () => {
    const entries = [0, 1].map((offset): Entry => ({ record: logRecord({ offset }), takenMs: 0 }));
    const { promise, resolve } = Promise.withResolvers<NewRecord[]>();
    const tries = [0, 0];
    handle = async ({ offset }) => {
      tries[offset] = (tries[offset] ?? 0) + 1;
      if (tries[offset] === 1) throw new OrdoError('SCORER_FAILED', 'no memory');
      return promise;
    };
    const handled = entries.map((entry) => worker.handle(entry));
    while (tries.reduce((sum, times) => sum + times) < 3) await sleep(5);
    await sleep(200);
    isHeld = () => false;
    resolve([]);
    const outputs = (await Promise.all(handled)).map((one) => one?.outputs);
    assert.deepEqual([tries.toSorted((a, b) => a - b), outputs.filter(Boolean).length, given], [[1, 2], 1, []]);
  });

  it('gives a record up whose outputs are too large, then leaves all out of its dead letter but what names it', () => {
    const long = 'x'.repeat(5000);
    const record = logRecord({ key: Buffer.from(long), headers: { ce_id: '1', ce_source: long, other: 'y' } });
    const entry: Entry = { record, takenMs: 0, outputs: [newRecord(long)] };
    worker.shrink(entry, TOO_LARGE);
    assert.deepEqual([given[0]?.record, given[0]?.kept], [record, record]);
    assert.equal(entry.outputs?.length, 1);
    worker.shrink(entry, TOO_LARGE);
    const { kept, message } = given[1] ?? assert.fail('not given up again');
    assert.equal(given[1]?.record, record);
    assert.deepEqual([kept?.key.length, kept?.headers, kept?.value.length], [1024, { ce_id: '1' }, 0]);
    assert.match(message, new RegExp(`of ${record.value.length} bytes, SHA-256 ${toHex(sha256(record.value))}`));
  });

  it('throws the error once nothing more can be left out', () => {
    const entry: Entry = { record: logRecord(), takenMs: 0, outputs: [] };
    for (let times = 0; times < 2; times++) worker.shrink(entry, TOO_LARGE);
    assert.throws(() => worker.shrink(entry, TOO_LARGE), { code: 'RECORD_TOO_LARGE' });
  });
});
