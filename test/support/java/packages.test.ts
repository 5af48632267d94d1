import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../folders.ts';
import { javaPackages } from './packages.ts';

describe('javaPackages', () => {
  let cache: Awaited<ReturnType<typeof temporaryFolder>>;
  let fetches = 0;
  let pom = '';
  const folderOf = () => join(cache.path, 'cache', 'server');
  const packages = (fetcher: (folder: string) => Promise<void>) =>
    javaPackages(pom, 'server', join(cache.path, 'cache'), fetcher);
  beforeEach(async () => {
    fetches = 0;
    cache = await temporaryFolder();
    pom = join(cache.path, 'pom.xml');
    await writeFile(pom, '<project/>');
  });
  afterEach(() => cache.remove());

  const fetch = async (folder: string) => {
    fetches += 1;
    await writeFile(join(folder, 'server.jar'), 'server');
  };

  it('are fetched once and found again', async () => {
    const folder = await packages(fetch);
    assert.deepEqual(await readdir(folder), ['server.jar']);
    assert.equal(await packages(fetch), folder);
    assert.equal(fetches, 1);
  });

  it('stand under their name only when they are whole, though two fetch them at once', async () => {
    const both = Promise.withResolvers<void>();
    const together = async (folder: string) => {
      assert.ok((await readdir(folderOf())).every((name) => name.includes('.part-')));
      await fetch(folder);
      if (fetches === 2) both.resolve();
      await both.promise;
    };
    const folders = await Promise.all([packages(together), packages(together)]);
    const [folder] = folders;
    assert.deepEqual(folders, [folder, folder]);
    assert.deepEqual([(await readdir(folderOf())).length, await readdir(folder)], [1, ['server.jar']]);
  });

  it('leave nothing behind where they cannot be had', async () => {
    const broken = async (folder: string) => {
      await fetch(folder);
      throw new Error('no network');
    };
    await assert.rejects(packages(broken), { message: 'no network' });
    assert.deepEqual(await readdir(folderOf()), []);
    assert.ok(existsSync(await packages(fetch)));
  });
});
