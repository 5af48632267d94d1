import assert from 'node:assert/strict';
import { settingsOf } from '../../../src/adapters/kafka/topics.ts';

const MIB = 1024 * 1024;

describe('settingsOf', () => {
  it('lets outputs be four times as large as what is published, and inputs no larger than that', () => {
    const overhead = 64 * 1024;
    assert.equal(settingsOf({}, MIB)['max.message.bytes'], String(4 * MIB + overhead));
    assert.equal(settingsOf({ inputOnly: true }, MIB)['max.message.bytes'], String(MIB + overhead));
  });

  it('has the broker unpack what producers compress', () => {
    assert.equal(settingsOf({}, MIB)['compression.type'], 'uncompressed');
  });
});
