import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { asLogError, fromFailure, isBusy, toFailure } from '../../../src/adapters/sqlite/failures.ts';
import { OrdoError } from '../../../src/errors.ts';

function thrown(work: () => unknown): unknown {
  try {
    return assert.fail(`${String(work())} was not thrown`);
  } catch (error) {
    return error;
  }
}

const sqlite = (errcode: number) => Object.assign(new Error('what SQLite says'), { errcode });

describe('the errors of SQLite', () => {
  it('have the codes of the port, extended result codes too', () => {
    const expected = {
      LOG_UNAVAILABLE: [5, 8, 10, 14, 778],
      LOG_CORRUPT: [11, 26, 267],
      LOG_FULL: [13, 4874],
      INTERNAL: [1],
    };
    for (const [code, results] of Object.entries(expected)) {
      for (const result of results) assert.equal(asLogError(sqlite(result)).code, code);
    }
  });

  it('are known as they are really thrown', () => {
    const missing = thrown(() => new DatabaseSync('/there/is/no/such/folder/log.db'));
    assert.equal(asLogError(missing).code, 'LOG_UNAVAILABLE');
    const database = new DatabaseSync(':memory:');
    database.exec('CREATE TABLE t (v); PRAGMA max_page_count = 2');
    const full = thrown(() => database.prepare('INSERT INTO t VALUES (?)').run('x'.repeat(100_000)));
    assert.equal(asLogError(full).code, 'LOG_FULL');
    assert.equal(asLogError(thrown(() => database.exec('nonsense'))).code, 'INTERNAL');
    database.close();
  });

  it('of the file system are LOG_UNAVAILABLE, a full disk apart', () => {
    assert.equal(asLogError(thrown(() => mkdirSync('/dev/null/log'))).code, 'LOG_UNAVAILABLE');
    const noSpace = Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'mkdir' });
    assert.equal(asLogError(noSpace).code, 'LOG_FULL');
  });

  it('tell a lock apart, which may be gone in a moment', () => {
    assert.deepEqual(
      [5, 6, 261, 517, 13, 0].map((result) => isBusy(sqlite(result))),
      [true, true, true, true, false, false],
    );
  });

  it('keep code, message and stack on their way to the other thread', () => {
    const original = new OrdoError('LOG_FENCED', 'too late');
    const arrived = fromFailure(structuredClone(toFailure(original)));
    assert.deepEqual([arrived.code, arrived.message], ['LOG_FENCED', 'too late']);
    assert.ok(arrived.cause instanceof Error && arrived.cause.stack === original.stack);
  });
});
