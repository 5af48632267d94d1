import assert from 'node:assert/strict';
import { wholeText } from '../../src/cli/letter-view.ts';
import { OrdoError } from '../../src/errors.ts';
import { decodeDeadLetter, encodeDeadLetter } from '../../src/stages/codec.ts';
import { logRecord, newRecord } from '../support/records.ts';

describe('wholeText', () => {
  const why = new OrdoError('IMAGE_TOO_LARGE', 'the image has 9 bytes, the limit is 8');
  const record = logRecord(newRecord('', encodeDeadLetter(logRecord(), 'tokenize', why)));
  const letter = decodeDeadLetter(record);

  it('says under the error what helps', () => {
    const [, error, helps] = wholeText({ id: '0:7', record, letter }).split('\n');
    assert.equal(error, '  tokenize: IMAGE_TOO_LARGE: the image has 9 bytes, the limit is 8');
    assert.match(helps ?? '', /^ {2}what helps: Raise images\.maxBytes/);
  });

  it('says nothing of a code that it does not know', () => {
    const later = { ...letter, code: 'OF_A_LATER_VERSION' };
    assert.doesNotMatch(wholeText({ id: '0:7', record, letter: later }), /what helps/);
  });
});
