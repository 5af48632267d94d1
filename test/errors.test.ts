import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorsPage } from '../scripts/errors-page.ts';
import { pipelineJsonSchema } from '../src/app/pipeline-schema.ts';
import { buildProgram } from '../src/cli/program.ts';
import { asOrdoError, ERRORS, isErrorCode, OrdoError } from '../src/errors.ts';

const remedies = Object.values(ERRORS).map(({ remedy }) => remedy);
const named = (pattern: RegExp) => remedies.flatMap((remedy) => remedy.match(pattern) ?? []);

/** Paths of the settings that a JSON Schema has, as in `images.maxBytes`. */
function settings(schema: unknown, path = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const inner = Object.entries(schema).flatMap(([key, value]): string[] => {
    if (key !== 'properties') return settings(value, path);
    return Object.entries(value as object).flatMap(([name, one]) => settings(one, path ? `${path}.${name}` : name));
  });
  return [path, ...inner];
}

describe('errors', () => {
  it('are all on the page that users read', async () => {
    const page = await readFile(join(import.meta.dirname, '..', 'docs', 'errors.md'), 'utf8');
    assert.equal(page, errorsPage(), 'run node bin/node24.js scripts/errors-page.ts');
  });

  it('each say what helps, in a sentence that fits a cell of that page', () => {
    for (const remedy of remedies) assert.match(remedy, /^[A-Z][^|\n]{10,200}\.$/);
  });

  it('point to settings of the pipeline file that there are', () => {
    const known = new Set(settings(pipelineJsonSchema()));
    const asked = named(/\b(?:images|log|topics|scoring|health)\.[a-zA-Z0-9.]*[a-zA-Z0-9]/g);
    assert.ok(asked.length > 15);
    assert.deepEqual(
      asked.filter((path) => !known.has(path)),
      [],
    );
  });

  it('point to commands that there are', () => {
    const known = new Set(buildProgram().commands.map((command) => `ordo ${command.name()}`));
    const asked = named(/\bordo [a-z]+/g);
    assert.ok(asked.length > 5);
    assert.deepEqual(
      asked.filter((command) => !known.has(command)),
      [],
    );
  });

  it('keep their code and cause when they are passed on', () => {
    const error = new OrdoError('LOG_FULL', 'no space', { cause: 'ENOSPC' });
    assert.equal(asOrdoError(error), error);
    assert.equal(error.retriable, true);
  });

  it('are not tried again where that is of no use', () => {
    const error = new OrdoError('BLOB_UNAVAILABLE', 'away', { final: true, cause: 'timeout' });
    assert.deepEqual([error.retriable, error.cause], [false, 'timeout']);
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
