import assert from 'node:assert/strict';
import { type Database, openDatabase } from '../../../src/adapters/sqlite/database.ts';
import { Groups } from '../../../src/adapters/sqlite/groups.ts';
import { Watcher } from '../../../src/adapters/sqlite/watcher.ts';
import { temporaryFolder } from '../../support/folders.ts';

describe('Watcher', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let database: Database;
  let other: Database;
  let watcher: Watcher | undefined;

  /** Watches, and has the other connection write; resolves with the calls once `isEnough` says so. */
  const watch = (isEnough: (calls: number) => boolean) =>
    new Promise<number>((resolve) => {
      let calls = 0;
      watcher = new Watcher(database, () => {
        calls += 1;
        if (isEnough(calls)) resolve(calls);
        else throw new Error('the disk is away');
        return true;
      });
      watcher.start();
      new Groups(other).ensure('g');
    });

  beforeEach(async () => {
    folder = await temporaryFolder();
    database = await openDatabase({ folder: folder.path });
    other = await openDatabase({ folder: folder.path });
  });
  afterEach(async () => {
    watcher?.stop();
    database.close();
    other.close();
    await folder.remove();
  });

  it('tells what another connection wrote', async () => {
    assert.equal(await watch(() => true), 1);
  });

  it('tells it again when the first time failed, so that nobody waits on', async () => {
    assert.equal(await watch((calls) => calls === 3), 3);
  });
});
