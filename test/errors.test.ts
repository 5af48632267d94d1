import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorsPage } from '../scripts/errors-page.ts';
import { asOrdoError, isErrorCode, OrdoError } from '../src/errors.ts';

describe('errors', () => {
  it('are all on the page that users read', async () => {
    const page = await readFile(join(import.meta.dirname, '..', 'docs', 'errors.md'), 'utf8');
    assert.equal(page, errorsPage(), 'run node bin/node24.js scripts/errors-page.ts');
  });

  it('keep their code and cause when they are passed on', () => {
    const error = new OrdoError('LOG_FULL', 'no space', { cause: 'ENOSPC' });
    assert.equal(asOrdoError(error), error);
    assert.equal(error.retriable, true);
  });

  it('are INTERNAL when nobody gave them a code', () => {
    const bug = new RangeError('out of range');
    const error = asOrdoError(bug);
    assert.deepEqual(
      [error.code, error.cause, error.message, error.retriable],
      ['INTERNAL', bug, 'out of range', false],
    );
  });

  it('have codes that can be told from other words', () => {
    assert.ok(isErrorCode('IMAGE_CORRUPT'));
    assert.ok(!isErrorCode('toString'));
  });
});
