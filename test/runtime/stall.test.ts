import assert from 'node:assert/strict';
import { Holdings } from '../../src/runtime/holdings.ts';
import { stallOf } from '../../src/runtime/stall.ts';
import { logRecord } from '../support/records.ts';

const MINUTE_MS = 60_000;

describe('stallOf', () => {
  let holdings: Holdings;
  const take = (partition: number, offset: number, takenMs: number) => {
    const record = logRecord({ partition, offset });
    const entry = holdings.take(record, holdings.find(record)) ?? assert.fail('not taken');
    return Object.assign(entry, { takenMs });
  };
  beforeEach(() => {
    holdings = new Holdings();
    holdings.assign([0, 1].map((partition) => ({ topic: 't', partition, offset: 0, metadata: '' })));
  });

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
