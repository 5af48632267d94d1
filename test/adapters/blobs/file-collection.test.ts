import assert from 'node:assert/strict';
import { access, mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { collectFileBlobs, removeUnlessRenewed } from '../../../src/adapters/blobs/file-collection.ts';
import { openFileBlobs } from '../../../src/adapters/blobs/file.ts';
import type { Blobs } from '../../../src/ports/blobs.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { replaceCall } from '../../support/fs-calls.ts';

const NOW_MS = Date.UTC(2026, 0, 2);
const AGE_MS = 60_000;
const TEMPORARY = '0f5e2c1a-7d3b-4c59-8a6e-1b2c3d4e5f60.tmp';

describe('collectFileBlobs', () => {
  let root: string;
  let folder: string;
  let remove: () => Promise<void>;
  let blobs: Blobs;

  const age = (path: string, ms: number) => utimes(path, (NOW_MS - ms) / 1000, (NOW_MS - ms) / 1000);
  const written = async (text: string, ageMs: number) => {
    const reference = await blobs.write(Buffer.from(text));
    const path = fileURLToPath(reference.uri);
    await age(path, ageMs);
    return { reference, path };
  };
  const collect = (signal?: AbortSignal) => collectFileBlobs(folder, NOW_MS - AGE_MS, signal);

  beforeEach(async () => {
    ({ path: root, remove } = await temporaryFolder());
    folder = join(root, 'blobs');
    blobs = openFileBlobs({ folder, allowFolders: [], maxBytes: 1000, timeoutMs: 10_000 });
  });
  afterEach(() => remove());

  it('removes the blobs that are older, and no others', async () => {
    const old = await written('old', AGE_MS + 1);
    const young = await written('young', AGE_MS);
    assert.equal(await collect(), 1);
    await assert.rejects(blobs.read(old.reference), { code: 'BLOB_NOT_FOUND' });
    assert.equal(Buffer.from(await blobs.read(young.reference)).toString(), 'young');
  });

  it('removes what killed writers left, once it is as old', async () => {
    const { path } = await written('young', 0);
    for (const [name, ms] of [
      [`${path}.${TEMPORARY}`, AGE_MS + 1],
      [`${path}.${TEMPORARY.replace('0', '1')}`, AGE_MS],
    ] as const) {
      await writeFile(name, 'half');
      await age(name, ms);
    }
    assert.equal(await collect(), 1);
    assert.equal((await readdir(dirname(path))).length, 2);
  });

  it('leaves alone what is not of its making', async () => {
    const { path } = await written('young', 0);
    const shelf = dirname(path);
    await mkdir(join(folder, 'photos'));
    const others = [
      join(folder, 'a'.repeat(64)),
      join(folder, 'photos', 'a'.repeat(64)),
      join(shelf, 'photo.png'),
      join(shelf, 'notes.tmp'),
    ];
    for (const other of others) {
      await writeFile(other, 'kept');
      await age(other, 2 * AGE_MS);
    }
    await mkdir(join(shelf, 'b'.repeat(64)));
    await symlink(path, join(shelf, 'c'.repeat(64)));
    const before = await readdir(folder, { recursive: true });
    assert.equal(await collect(), 0);
    assert.deepEqual(await readdir(folder, { recursive: true }), before);
  });

  it('finds nothing where no blob was ever written', async () => {
    assert.equal(await collect(), 0);
  });

  it('counts each file once, however many processes collect', async () => {
    for (let i = 0; i < 40; i++) await written(`old ${i}`, 2 * AGE_MS);
    const removed = await Promise.all([collect(), collect(), collect()]);
    assert.equal(
      removed.reduce((sum, count) => sum + count, 0),
      40,
    );
  });

  it('never loses a blob that is written again meanwhile', async () => {
    const texts = Array.from({ length: 64 }, (_, i) => `blob ${i}`);
    for (let round = 0; round < 2; round++) {
      const all = await Promise.all(texts.map((text) => written(text, 2 * AGE_MS)));
      const again = texts.map((text) => blobs.write(Buffer.from(text)));
      await Promise.all([...Array.from({ length: 8 }, () => collect()), ...again]);
      for (const { reference } of all) await blobs.read(reference);
    }
  });

  it('puts a blob back that was written again after it had been found old', async () => {
    const { reference, path } = await written('again', AGE_MS);
    assert.equal(await removeUnlessRenewed(path, NOW_MS - AGE_MS), false);
    assert.equal(Buffer.from(await blobs.read(reference)).toString(), 'again');
    assert.equal(await removeUnlessRenewed(path, NOW_MS - AGE_MS + 1), true);
    assert.deepEqual(await readdir(dirname(path)), []);
  });

  for (const [what, call] of Object.entries({ shelf: 'readdir', blob: 'rename' } as const)) {
    it(`goes on past a ${what} that it may not touch, and tells of it at the end`, async () => {
      const all = await Promise.all(['a', 'b', 'c'].map((text) => written(text, 2 * AGE_MS)));
      const [kept = ''] = all.map(({ path }) => path).toSorted();
      const denied = call === 'readdir' ? dirname(kept) : kept;
      const restore = replaceCall(call, (original) => async (path: string, ...rest: unknown[]) => {
        if (path === denied) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
        return original(path, ...rest);
      });
      try {
        await assert.rejects(collect(), { code: 'EACCES' });
      } finally {
        restore();
      }
      const left = await Promise.all(
        all.map(({ path }) =>
          access(path).then(
            () => path,
            () => undefined,
          ),
        ),
      );
      assert.deepEqual(
        left.filter((path) => path !== undefined),
        [kept],
      );
    });
  }

  it('ends early once it is told to', async () => {
    await written('old', 2 * AGE_MS);
    assert.equal(await collect(AbortSignal.abort()), 0);
  });
});
