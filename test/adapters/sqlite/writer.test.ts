import assert from 'node:assert/strict';
import { type Database, openDatabase } from '../../../src/adapters/sqlite/database.ts';
import { Writer } from '../../../src/adapters/sqlite/writer.ts';
import { OrdoError } from '../../../src/errors.ts';
import { temporaryFolder } from '../../support/folders.ts';

describe('the group commit', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let database: Database;
  let writer: Writer;
  const add = (name: string) => database.run('INSERT INTO groups (name) VALUES (?)', [name]);
  const names = () => database.all<{ name: string }>('SELECT name FROM groups ORDER BY id').map(({ name }) => name);
  beforeEach(async () => {
    folder = await temporaryFolder();
    database = await openDatabase({ folder: folder.path });
    writer = new Writer(database);
  });
  afterEach(async () => {
    database.close();
    await folder.remove();
  });

  it('runs jobs in the order in which they came, and gives each its result', async () => {
    const results = await Promise.all(['a', 'b', 'c'].map((name) => writer.submit(() => [name, add(name)])));
    assert.deepEqual(results, [
      ['a', 1],
      ['b', 1],
      ['c', 1],
    ]);
    assert.deepEqual(names(), ['a', 'b', 'c']);
  });

  it('undoes a job that throws a code, and that job alone', async () => {
    const jobs = ['a', 'b', 'c'].map((name) =>
      writer.submit(() => {
        add(name);
        if (name === 'b') throw new OrdoError('LOG_FENCED', 'too late');
      }),
    );
    const outcomes = await Promise.allSettled(jobs);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(names(), ['a', 'c']);
  });

  it('undoes and fails all jobs of a transaction that fails otherwise, and goes on with the next', async () => {
    const jobs = ['a', 'b', 'a'].map((name) => writer.submit(() => add(name)));
    const outcomes = await Promise.allSettled(jobs);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'rejected', 'rejected'],
    );
    await writer.submit(() => add('d'));
    assert.deepEqual(names(), ['d']);
  });

  it('starts another transaction when one would grow too large', async () => {
    const inOne = new Set<number>();
    const half = 5 * 1024 * 1024;
    const changes = () => database.number('SELECT count(*) FROM groups');
    const other = await openDatabase({ folder: folder.path });
    const seen = () => inOne.add(other.number('SELECT count(*) FROM groups'));
    const jobs = ['a', 'b', 'c'].map((name) => writer.submit(() => [add(name), seen(), changes()], half));
    await Promise.all(jobs);
    other.close();
    assert.deepEqual([...inOne], [0, 1, 2]);
  });

  it('waits for another connection that writes', async () => {
    const other = await openDatabase({ folder: folder.path });
    other.exec('BEGIN IMMEDIATE');
    const writing = writer.submit(() => add('a'));
    setTimeout(() => other.exec('COMMIT'), 50);
    await writing;
    other.close();
    assert.deepEqual(names(), ['a']);
  });
});
