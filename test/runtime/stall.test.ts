import assert from 'node:assert/strict';
import { OrdoError } from '../../src/errors.ts';
import { Holdings } from '../../src/runtime/holdings.ts';
import { retryOf, stallOf } from '../../src/runtime/stall.ts';
import { logRecord } from '../support/records.ts';

const MINUTE_MS = 60_000;

let holdings: Holdings;

const take = (partition: number, offset: number, takenMs: number) => {
  const record = logRecord({ partition, offset });
  const entry = holdings.take(record, holdings.find(record)) ?? assert.fail('not taken');
  return Object.assign(entry, { takenMs });
};

const setUp = () => {
  holdings = new Holdings();
  holdings.assign([0, 1].map((partition) => ({ topic: 't', partition, offset: 0, metadata: '' })));
};

describe('stallOf', () => {
  beforeEach(setUp);

  it('names the record that has been handled for longest', () => {
    take(0, 5, 2 * MINUTE_MS);
    take(1, 7, MINUTE_MS);
    const stall = stallOf(holdings, 10 * MINUTE_MS, 12.5 * MINUTE_MS);
    assert.equal(stall, 'the record at offset 7 of t, partition 1, has been handled for 11 minutes');
  });

  it('says nothing before its time, nor of a finished record that waits for those before it', () => {
    take(0, 5, MINUTE_MS);
    assert.equal(stallOf(holdings, 10 * MINUTE_MS, 10 * MINUTE_MS), undefined);
    take(1, 0, 10 * MINUTE_MS);
    take(1, 1, 0).outputs = [];
    assert.equal(stallOf(holdings, 10 * MINUTE_MS, 10 * MINUTE_MS), undefined);
  });
});

describe('retryOf', () => {
  beforeEach(setUp);

  it('names the record that has been in hand for longest of those that are tried again, and why', () => {
    take(0, 4, 0);
    take(0, 5, 2).retried = new OrdoError('SCORER_FAILED', 'no memory');
    take(1, 7, 1).retried = new OrdoError('MODEL_MISMATCH', 'another model');
    const said = 'MODEL_MISMATCH: another model (the record at offset 7 of t, partition 1, is tried again)';
    assert.equal(retryOf(holdings), said);
  });

  it('says nothing of a record once it was handled, nor once its partition went', () => {
    const retried = new OrdoError('MODEL_MISMATCH', 'another model');
    Object.assign(take(0, 5, 0), { retried, outputs: [] });
    Object.assign(take(1, 7, 0), { retried });
    holdings.keepOnly([{ topic: 't', partition: 0 }]);
    assert.equal(retryOf(holdings), undefined);
  });
});
