import assert from 'node:assert/strict';
import { EXIT, EXIT_HELP, exitCodeOf } from '../../src/cli/exit.ts';
import { ERRORS, isErrorCode } from '../../src/errors.ts';

describe('exitCodeOf', () => {
  const expected = {
    USAGE: 2,
    INPUT_NOT_FOUND: 66,
    PIPELINE_NOT_FOUND: 66,
    PIPELINE_INVALID: 66,
    MODEL_DIGEST_MISMATCH: 66,
    LABELS_INVALID: 66,
    IMAGE_CORRUPT: 66,
    BLOB_NOT_FOUND: 66,
    LOG_OFFSET_INVALID: 66,
    LOG_FULL: 69,
    LOG_FENCED: 69,
    BLOB_UNAVAILABLE: 69,
    PORT_IN_USE: 69,
    SCORER_FAILED: 69,
    SCORER_NOT_FINITE: 66,
    OUTPUT_UNWRITABLE: 69,
    INTERNAL: 70,
  } as const;

  for (const [code, exit] of Object.entries(expected)) {
    it(`ends with ${exit} after ${code}`, () => {
      assert.ok(isErrorCode(code));
      assert.equal(exitCodeOf(code), exit);
    });
  }

  it('takes no error for success', () => {
    for (const code of Object.keys(ERRORS).filter(isErrorCode)) assert.ok(exitCodeOf(code) >= EXIT.usage);
  });
});

describe('EXIT_HELP', () => {
  it('explains every exit code', () => {
    for (const code of Object.values(EXIT)) assert.match(EXIT_HELP, new RegExp(`^  ${code} `, 'm'));
  });
});
