import assert from 'node:assert/strict';
import { Troubles } from '../../src/console/troubles.ts';
import { OrdoError } from '../../src/errors.ts';
import { logRecord } from '../support/records.ts';

describe('Troubles', () => {
  let nowMs = 0;
  let troubles: Troubles;

  beforeEach(() => {
    nowMs = 0;
    troubles = new Troubles(() => nowMs);
  });

  const away = new OrdoError('LOG_UNAVAILABLE', 'away');
  const foreign = new OrdoError('RECORD_INVALID', 'no label');
  const record = (partition: number, offset: number, topic = 'labels') => logRecord({ topic, partition, offset });

  it('tell of what is amiss until it is over', () => {
    troubles.began('labels', away);
    nowMs = 1e9;
    assert.deepEqual(troubles.problems(), [{ name: 'labels', message: 'LOG_UNAVAILABLE: away' }]);
    troubles.over('labels');
    assert.deepEqual(troubles.problems(), []);
  });

  it('say which record cannot be read, for five minutes', () => {
    troubles.unreadable(record(3, 17), foreign);
    nowMs = 299_999;
    const message = 'RECORD_INVALID: no label';
    assert.deepEqual(troubles.problems(), [{ name: 'labels, partition 3, offset 17', message }]);
    nowMs = 300_000;
    assert.deepEqual(troubles.problems(), []);
  });

  it('tell of the last such record of a topic alone, from then on', () => {
    for (let offset = 0; offset < 10; offset++) troubles.unreadable(record(0, offset), foreign);
    nowMs = 200_000;
    troubles.unreadable(record(0, 10), foreign);
    troubles.unreadable(record(0, 5, 'images'), foreign);
    nowMs = 400_000;
    assert.deepEqual(
      troubles.problems().map(({ name }) => name),
      ['labels, partition 0, offset 10', 'images, partition 0, offset 5'],
    );
  });

  it('do not take a topic that can be read again for a record that can', () => {
    troubles.unreadable(record(0, 1), foreign);
    troubles.began('labels', away);
    troubles.over('labels');
    assert.equal(troubles.problems().length, 1);
  });
});
