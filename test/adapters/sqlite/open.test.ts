import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, open, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeOwnFolder } from '../../../src/adapters/sqlite/database.ts';
import { openSqliteLog } from '../../../src/adapters/sqlite/open.ts';
import { contentOf, record, rejectsWith } from '../../contracts/log-harness.ts';
import { modeOf, temporaryFolder } from '../../support/folders.ts';
import { intactTexts, startLogProcess } from '../../support/log-crash.ts';

describe('the SQLite log', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const file = () => join(folder.path, 'log.db');
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  it('creates the folder that it is to lie in', async () => {
    const log = await openSqliteLog({ folder: join(folder.path, 'deep', 'down') });
    await log.close();
    const again = await openSqliteLog({ folder: join(folder.path, 'deep', 'down') });
    await again.close();
  });

  it('makes its folder for its own account alone, and leaves one as it is that is there', async function () {
    if (process.platform === 'win32') this.skip();
    const [fresh, shared] = [join(folder.path, 'deep', 'down'), join(folder.path, 'shared')];
    await mkdir(shared);
    await chmod(shared, 0o770);
    for (const path of [fresh, shared]) await (await openSqliteLog({ folder: path })).close();
    assert.equal(await modeOf(fresh), 0o700);
    assert.equal(await modeOf(shared), 0o770);
    await mkdir(join(folder.path, 'usual'));
    assert.equal(await modeOf(dirname(fresh)), await modeOf(join(folder.path, 'usual')));
  });

  it('does not make the parent of its folder where it is there, for Windows refuses that for the root of a drive', () => {
    const madeFor = (path: string) => {
      const made: string[] = [];
      makeOwnFolder(path, (one) => made.push(one));
      return made;
    };
    const [below, deep] = [join(folder.path, 'log'), join(folder.path, 'deep', 'down')];
    assert.deepEqual([madeFor(folder.path), madeFor(below)], [[folder.path], [below]]);
    assert.deepEqual(madeFor(deep), [dirname(deep), deep]);
  });

  it('can be opened for the first time by several processes at once', async () => {
    const children = ['a', 'b', 'c'].map((name) => startLogProcess('first', folder.path, name));
    const codes = await Promise.all(children.map((child) => once(child, 'exit')));
    assert.deepEqual(codes.flat(), [0, null, 0, null, 0, null]);
    const log = await openSqliteLog({ folder: folder.path });
    assert.deepEqual((await intactTexts(log, 'in', 0)).toSorted(), ['a', 'b', 'c']);
    await log.close();
  });

  it('writes nothing when it is opened again with the topics it has, so that it opens on a full disk', async () => {
    const topics = [
      { name: 'a', partitions: 2, retention: { maxAgeMs: 1000 } },
      { name: 'b', partitions: 1 },
    ];
    const log = await openSqliteLog({ folder: folder.path });
    await log.ensureTopics(topics);
    const watcher = new DatabaseSync(file());
    const version = () => watcher.prepare('PRAGMA data_version').get()?.['data_version'];
    const before = version();
    const again = await openSqliteLog({ folder: folder.path });
    await again.ensureTopics(topics);
    assert.equal(version(), before);
    await again.ensureTopics([{ name: 'b', partitions: 1, retention: { maxBytes: 5 } }]);
    assert.notEqual(version(), before);
    watcher.close();
    await again.close();
    await log.close();
  });

  it('is LOG_UNAVAILABLE where no folder can be', async () => {
    await writeFile(join(folder.path, 'file'), '');
    await rejectsWith('LOG_UNAVAILABLE', openSqliteLog({ folder: join(folder.path, 'file') }));
    await rejectsWith('LOG_UNAVAILABLE', openSqliteLog({ folder: join(folder.path, 'file', 'below') }));
  });

  it('is LOG_CORRUPT where the file is none of its own', async () => {
    await writeFile(file(), 'this is no database, but it is long enough to be taken for one'.repeat(100));
    await rejectsWith('LOG_CORRUPT', openSqliteLog({ folder: folder.path }));
  });

  it('is LOG_CORRUPT where the database is of another program', async () => {
    const other = new DatabaseSync(file());
    other.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY)');
    other.close();
    await rejectsWith('LOG_CORRUPT', openSqliteLog({ folder: folder.path }));
    const still = new DatabaseSync(file());
    const mode = still.prepare('PRAGMA journal_mode').get();
    still.close();
    assert.deepEqual({ ...mode }, { journal_mode: 'delete' });
  });

  it('is LOG_UNAVAILABLE where the schema is newer than it knows', async () => {
    await (await openSqliteLog({ folder: folder.path })).close();
    const newer = new DatabaseSync(file());
    newer.exec('PRAGMA user_version = 2');
    newer.close();
    await rejectsWith('LOG_UNAVAILABLE', openSqliteLog({ folder: folder.path }));
  });

  it('says LOG_CORRUPT when it meets a damaged page', async () => {
    const log = await openSqliteLog({ folder: folder.path });
    await log.ensureTopics([{ name: 'a', partitions: 1 }]);
    await log.publish(Array.from({ length: 100 }, () => ({ ...record('a', 0, 'x'), value: new Uint8Array(4000) })));
    await log.close();
    await damage(file(), 40 * 4096);
    const damaged = await openSqliteLog({ folder: folder.path });
    await rejectsWith('LOG_CORRUPT', contentOf(damaged, 'a'));
    await damaged.close();
  });

  it('is LOG_FULL when there is no room, and takes records again when there is', async () => {
    const log = await openSqliteLog({ folder: folder.path, maxFileBytes: 1_000_000, retentionIntervalMs: 10 });
    await log.ensureTopics([{ name: 'a', partitions: 1 }]);
    const large = { ...record('a', 0, 'x'), value: new Uint8Array(100_000) };
    const fill = async () => {
      for (let i = 0; i < 20; i++) await log.publish([large]);
    };
    await rejectsWith('LOG_FULL', fill());
    const kept = (await contentOf(log, 'a')).length;
    assert.ok(kept > 0 && kept < 20);
    await log.ensureTopics([{ name: 'a', partitions: 1, retention: { maxBytes: 150_000 } }]);
    while ((await contentOf(log, 'a')).length > 1) await log.groups();
    await log.publish([large]);
    await log.close();
  });
});

/** Overwrites the file from the position to its end. */
async function damage(path: string, from: number): Promise<void> {
  const { size } = await stat(path);
  const handle = await open(path, 'r+');
  await handle.write(Buffer.alloc(size - from, 0xa5), 0, size - from, from);
  await handle.close();
}
