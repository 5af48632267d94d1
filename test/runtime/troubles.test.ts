import assert from 'node:assert/strict';
import { OrdoError } from '../../src/errors.ts';
import { Holdings } from '../../src/runtime/holdings.ts';
import { Troubles } from '../../src/runtime/troubles.ts';
import { logRecord } from '../support/records.ts';

const MINUTE_MS = 60_000;

describe('Troubles', () => {
  let holdings: Holdings;
  let troubles: Troubles;
  let nowMs: number;

  const retry = (takenMs: number) => {
    const record = logRecord({ partition: 0, offset: 3 });
    const entry = holdings.take(record, holdings.find(record)) ?? assert.fail('not taken');
    Object.assign(entry, { takenMs, retried: new OrdoError('MODEL_MISMATCH', 'another model') });
  };

  beforeEach(() => {
    nowMs = 0;
    holdings = new Holdings();
    holdings.assign([{ topic: 't', partition: 0, offset: 0, metadata: '' }]);
    troubles = new Troubles({ holdings, now: () => nowMs });
  });

  it('name a record that is tried again at once, and as an obstacle after a minute without a commit', () => {
    retry(0);
    nowMs = MINUTE_MS - 1;
    assert.match(troubles.any ?? '', /^MODEL_MISMATCH: .*offset 3/);
    assert.equal(troubles.obstacle, undefined);
    nowMs = MINUTE_MS;
    assert.equal(troubles.obstacle, troubles.any);
    troubles.committed();
    assert.equal(troubles.obstacle, undefined);
    nowMs += MINUTE_MS;
    assert.equal(troubles.obstacle, troubles.any);
  });

  it('take no record for an obstacle because there was nothing to do before it', () => {
    nowMs = 10 * MINUTE_MS;
    retry(nowMs);
    assert.equal(troubles.obstacle, undefined);
    nowMs += MINUTE_MS;
    assert.equal(troubles.obstacle, troubles.any);
  });

  it('are obstacles where the log is not read or not written, until it answers', () => {
    retry(0);
    for (const where of ['poll', 'commit'] as const) {
      troubles.note(where, new OrdoError('LOG_FULL', 'no space left'));
      assert.deepEqual([troubles.any, troubles.obstacle], Array(2).fill('LOG_FULL: no space left'));
      assert.equal(troubles.canCommit, where === 'poll');
      troubles.clear(where);
      assert.match(troubles.any ?? '', /^MODEL_MISMATCH/);
    }
    assert.equal(troubles.obstacle, undefined);
  });
});
