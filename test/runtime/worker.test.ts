import assert from 'node:assert/strict';
import { sha256, toHex } from '../../src/domain/digest.ts';
import { OrdoError } from '../../src/errors.ts';
import type { LogRecord } from '../../src/ports/log.ts';
import type { Entry } from '../../src/runtime/tracker.ts';
import { Worker } from '../../src/runtime/worker.ts';
import { logRecord, newRecord } from '../support/records.ts';
import { silent } from '../support/silent.ts';

const TOO_LARGE = new OrdoError('RECORD_TOO_LARGE', 'a record of 9 bytes');

describe('Worker', () => {
  let given: { record: LogRecord; message: string; kept: LogRecord | undefined }[];
  const worker = new Worker({
    handler: {
      name: 'copy',
      inputs: ['t'],
      handle: async () => [],
      giveUp(record, { message }, kept) {
        given.push({ record, message, kept });
        return [newRecord('given up')];
      },
    },
    signal: new AbortController().signal,
    mostRetries: 1,
    onRetry: () => {},
    isHeld: () => true,
    ...silent,
  });
  beforeEach(() => {
    given = [];
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
