import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../folders.ts';
import { kafkaPackages } from './packages.ts';

describe('kafkaPackages', () => {
  let cache: Awaited<ReturnType<typeof temporaryFolder>>;
  let fetches = 0;
  beforeEach(async () => {
    fetches = 0;
    cache = await temporaryFolder();
  });
  afterEach(() => cache.remove());

  const fetch = async (folder: string) => {
    fetches += 1;
    await writeFile(join(folder, 'kafka.jar'), 'kafka');
  };

  it('are fetched once and found again', async () => {
    const folder = await kafkaPackages(cache.path, fetch);
    assert.deepEqual(await readdir(folder), ['kafka.jar']);
    assert.equal(await kafkaPackages(cache.path, fetch), folder);
    assert.equal(fetches, 1);
  });

  it('stand under their name only when they are whole, though two fetch them at once', async () => {
    const both = Promise.withResolvers<void>();
    const together = async (folder: string) => {
      assert.ok((await readdir(cache.path)).every((name) => name.includes('.part-')));
      await fetch(folder);
      if (fetches === 2) both.resolve();
      await both.promise;
    };
    const folders = await Promise.all([kafkaPackages(cache.path, together), kafkaPackages(cache.path, together)]);
    const [folder] = folders;
    assert.deepEqual(folders, [folder, folder]);
    assert.deepEqual([(await readdir(cache.path)).length, await readdir(folder)], [1, ['kafka.jar']]);
  });

  it('leave nothing behind where they cannot be had', async () => {
    const broken = async (folder: string) => {
      await fetch(folder);
      throw new Error('no network');
    };
    await assert.rejects(kafkaPackages(cache.path, broken), { message: 'no network' });
    assert.deepEqual(await readdir(cache.path), []);
    assert.ok(existsSync(await kafkaPackages(cache.path, fetch)));
  });
});
