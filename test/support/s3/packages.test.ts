import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../folders.ts';
import { s3Packages } from './packages.ts';

describe('s3Packages', () => {
  let cache: Awaited<ReturnType<typeof temporaryFolder>>;
  let fetches = 0;
  beforeEach(async () => {
    fetches = 0;
    cache = await temporaryFolder();
  });
  afterEach(() => cache.remove());

  const fetch = async (folder: string) => {
    fetches += 1;
    await writeFile(join(folder, 's3.jar'), 's3');
  };

  it('are fetched once and found again', async () => {
    const folder = await s3Packages(cache.path, fetch);
    assert.deepEqual(await readdir(folder), ['s3.jar']);
    assert.equal(await s3Packages(cache.path, fetch), folder);
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
    const [one, other] = await Promise.all([s3Packages(cache.path, together), s3Packages(cache.path, together)]);
    assert.equal(one, other);
    assert.deepEqual([(await readdir(cache.path)).length, await readdir(one)], [1, ['s3.jar']]);
  });

  it('leave nothing behind where they cannot be had', async () => {
    const broken = async (folder: string) => {
      await fetch(folder);
      throw new Error('no network');
    };
    await assert.rejects(s3Packages(cache.path, broken), { message: 'no network' });
    assert.deepEqual(await readdir(cache.path), []);
    assert.ok(existsSync(await s3Packages(cache.path, fetch)));
  });
});
