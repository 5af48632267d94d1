import assert from 'node:assert/strict';
import { ERRORS, isErrorCode, OrdoError } from '../../src/errors.ts';
import { persist } from '../../src/runtime/persist.ts';

const codes = Object.keys(ERRORS).filter(
  (code) => isErrorCode(code) && code.startsWith('LOG_') && code !== 'LOG_FENCED',
);
const options = { signal: new AbortController().signal, onTrouble: () => {} };

/** A call that fails the first time. */
function failingOnce(code: string) {
  let calls = 0;
  return async () => {
    assert.ok(isErrorCode(code));
    if (++calls === 1) throw new OrdoError(code, 'why');
    return calls;
  };
}

describe('persist', () => {
  for (const code of codes) {
    const ends = isErrorCode(code) && ERRORS[code].follows === 'ends the process';
    it(`${ends ? 'gives up on' : 'repeats a call after'} ${code}`, async () => {
      const result = persist(failingOnce(code), options);
      await (ends ? assert.rejects(result, { code }) : assert.doesNotReject(result));
    });
  }

  it('leaves it to the caller what to do about a partition that was lost', async () => {
    await assert.rejects(persist(failingOnce('LOG_FENCED'), options), { code: 'LOG_FENCED' });
  });
});
