import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { openFileBlobs } from '../../../src/adapters/blobs/file.ts';
import type { Blobs } from '../../../src/ports/blobs.ts';
import { blobsContract, MAX_BYTES, referenceTo } from '../../contracts/blobs.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { replaceCall } from '../../support/fs-calls.ts';

blobsContract('openFileBlobs, of what it wrote,', async () => {
  const { path, remove } = await temporaryFolder();
  const blobs = openFileBlobs({
    folder: join(path, 'deep', 'blobs'),
    allowFolders: [],
    maxBytes: MAX_BYTES,
    timeoutMs: 10_000,
  });
  return {
    blobs,
    put: (bytes) => blobs.write(bytes),
    absent: () => referenceTo(pathToFileURL(join(path, 'deep', 'blobs', 'absent')).href, Buffer.from('x')),
    close: remove,
  };
});

describe('openFileBlobs', () => {
  const bytes = Buffer.from('the bytes of an image');
  let root: string;
  let remove: () => Promise<void>;
  let blobs: Blobs;

  beforeEach(async () => {
    ({ path: root, remove } = await temporaryFolder());
    for (const folder of ['allowed', 'allowed-not', 'secret']) {
      await mkdir(join(root, folder));
      await writeFile(join(root, folder, 'image'), bytes);
    }
    blobs = openFileBlobs({
      folder: join(root, 'blobs'),
      allowFolders: [join(root, 'allowed')],
      maxBytes: MAX_BYTES,
      timeoutMs: 10_000,
    });
  });
  afterEach(() => remove());

  const at = (...path: string[]) => referenceTo(pathToFileURL(join(root, ...path)).href, bytes);
  const withUri = (uri: string) => referenceTo(uri, bytes);

  it('writes the same bytes once and gives the same reference', async () => {
    const references = await Promise.all(Array.from({ length: 8 }, () => blobs.write(bytes)));
    for (const reference of references) assert.deepEqual(reference, references[0]);
    const files = await readdir(join(root, 'blobs'), { recursive: true, withFileTypes: true });
    assert.equal(files.filter((file) => file.isFile()).length, 1);
  });

  it('does not write again what is there', async () => {
    const path = fileURLToPath((await blobs.write(bytes)).uri);
    const before = await stat(path);
    await blobs.write(bytes);
    assert.equal((await stat(path)).ino, before.ino);
  });

  it('makes a blob that is there as young as a new one', async () => {
    const path = fileURLToPath((await blobs.write(bytes)).uri);
    await utimes(path, 1000, 1000);
    await blobs.write(bytes);
    assert.ok((await stat(path)).mtimeMs > 1_000_000);
  });

  it('makes a blob young when it is renewed', async () => {
    const reference = await blobs.write(bytes);
    const path = fileURLToPath(reference.uri);
    await utimes(path, 1000, 1000);
    await blobs.renew(reference);
    assert.ok((await stat(path)).mtimeMs > 1_000_000);
  });

  it('tells that there is nothing to renew, and renews nothing of others', async () => {
    const reference = await blobs.write(bytes);
    await rm(fileURLToPath(reference.uri));
    await assert.rejects(blobs.renew(reference), { code: 'BLOB_NOT_FOUND' });
    const path = join(root, 'allowed', 'image');
    await utimes(path, 1000, 1000);
    await blobs.renew(at('allowed', 'image'));
    await blobs.renew(withUri('https://example.com/image'));
    assert.equal((await stat(path)).mtimeMs, 1_000_000);
  });

  it('replaces a file that was cut short', async () => {
    const reference = await blobs.write(bytes);
    await truncate(fileURLToPath(reference.uri), 3);
    await assert.rejects(blobs.read(reference), { code: 'BLOB_DIGEST_MISMATCH' });
    await blobs.write(bytes);
    assert.ok(bytes.equals(await blobs.read(reference)));
  });

  it('is BLOB_UNAVAILABLE where it cannot write, and leaves nothing behind', async () => {
    await writeFile(join(root, 'blobs'), 'a file in the way');
    await assert.rejects(blobs.write(bytes), { code: 'BLOB_UNAVAILABLE' });
    assert.deepEqual((await readdir(root)).sort(), ['allowed', 'allowed-not', 'blobs', 'secret']);
  });

  it('leaves no half-written file behind when the last step fails', async () => {
    const path = fileURLToPath((await blobs.write(bytes)).uri);
    await rm(path);
    await mkdir(path);
    await assert.rejects(blobs.write(bytes), { code: 'BLOB_UNAVAILABLE' });
    assert.equal((await readdir(join(path, '..'))).length, 1);
  });

  it('reads from an allowed folder and below it', async () => {
    await mkdir(join(root, 'allowed', 'a', 'b'), { recursive: true });
    await writeFile(join(root, 'allowed', 'a', 'b', 'image'), bytes);
    assert.ok(bytes.equals(await blobs.read(at('allowed', 'image'))));
    assert.ok(bytes.equals(await blobs.read(at('allowed', 'a', 'b', 'image'))));
  });

  it('reads from an allowed folder that is itself a symbolic link', async () => {
    await symlink(join(root, 'secret'), join(root, 'linked'));
    const linked = openFileBlobs({
      folder: join(root, 'b'),
      allowFolders: [join(root, 'linked')],
      maxBytes: MAX_BYTES,
      timeoutMs: 10_000,
    });
    assert.ok(bytes.equals(await linked.read(at('linked', 'image'))));
  });

  for (const call of ['realpath', 'open'] as const) {
    it(`is BLOB_UNAVAILABLE where the volume hangs in ${call}`, async () => {
      const folder = join(root, 'blobs');
      const impatient = openFileBlobs({ folder, allowFolders: [], maxBytes: MAX_BYTES, timeoutMs: 20 });
      const reference = await impatient.write(bytes);
      const restore = replaceCall(call, () => () => new Promise(() => {}));
      try {
        await assert.rejects(impatient.read(reference), { code: 'BLOB_UNAVAILABLE' });
      } finally {
        restore();
      }
    });
  }

  it('closes a file that stops giving bytes once nobody waits for them any more', async () => {
    const folder = join(root, 'blobs');
    const impatient = openFileBlobs({ folder, allowFolders: [], maxBytes: MAX_BYTES, timeoutMs: 20 });
    const reference = await impatient.write(bytes);
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    const createReadStream = (options: object) => new Readable({ ...options, read: () => {} });
    const file = { stat: async () => ({ isFile: () => true }), createReadStream, close };
    const restore = replaceCall('open', () => async () => file);
    try {
      await assert.rejects(impatient.read(reference), { code: 'BLOB_UNAVAILABLE' });
      await closed;
    } finally {
      restore();
    }
  });

  it('follows a symbolic link that stays inside', async () => {
    await symlink(join(root, 'allowed', 'image'), join(root, 'allowed', 'link'));
    assert.ok(bytes.equals(await blobs.read(at('allowed', 'link'))));
  });

  const forbidden: [string, () => Promise<string> | string][] = [
    ['another folder', () => at('secret', 'image').uri],
    ['a folder whose name begins alike', () => at('allowed-not', 'image').uri],
    ['a way up by ..', () => `file://${root}/allowed/../secret/image`],
    ['a way up by an encoded ..', () => `file://${root}/allowed/%2e%2e/secret/image`],
    ['an encoded slash', () => `file://${root}/allowed/..%2fsecret/image`],
    ['a path that is not there, elsewhere', () => 'file:///absent/image'],
    ['a folder', () => at('allowed').uri],
    ['the file system root', () => 'file:///'],
    ['another host', () => `file://example.com${root}/allowed/image`],
    ['a path with a null byte', () => `file://${root}/allowed/image%00`],
    ['a device', () => 'file:///dev/zero'],
    [
      'a symbolic link that leads out',
      async () => {
        await symlink(join(root, 'secret', 'image'), join(root, 'allowed', 'link'));
        return at('allowed', 'link').uri;
      },
    ],
    [
      'a folder that is a symbolic link leading out',
      async () => {
        await symlink(join(root, 'secret'), join(root, 'allowed', 'inner'));
        return at('allowed', 'inner', 'image').uri;
      },
    ],
    [
      'a symbolic link to itself',
      async () => {
        await symlink(join(root, 'allowed', 'loop'), join(root, 'allowed', 'loop'));
        return at('allowed', 'loop').uri;
      },
    ],
    [
      'a folder inside',
      async () => {
        await mkdir(join(root, 'allowed', 'inner'));
        return at('allowed', 'inner').uri;
      },
    ],
    [
      'a pipe, without waiting for its writer',
      () => {
        execFileSync('mkfifo', [join(root, 'allowed', 'pipe')]);
        return at('allowed', 'pipe').uri;
      },
    ],
  ];
  for (const [name, make] of forbidden) {
    it(`forbids ${name}`, async () => {
      await assert.rejects(blobs.read(withUri(await make())), { code: 'BLOB_FORBIDDEN' });
    });
  }

  it('forbids a file that may not be read', async function () {
    if (process.getuid?.() === 0) this.skip();
    await chmod(join(root, 'allowed', 'image'), 0);
    await assert.rejects(blobs.read(at('allowed', 'image')), { code: 'BLOB_FORBIDDEN' });
  });

  it('tells that there is nothing below a file, or at too long a name', async () => {
    await assert.rejects(blobs.read(at('allowed', 'image', 'inner')), { code: 'BLOB_NOT_FOUND' });
    await assert.rejects(blobs.read(at('allowed', 'a'.repeat(5000))), { code: 'BLOB_NOT_FOUND' });
  });

  it('repeats no more of a path than tells which one it is, escaped', async () => {
    const absent = join(root, 'allowed', '\u001b[2J');
    const message = new RegExp(`^cannot read the blob: ENOENT: .*"${join(root, 'allowed')}/\\\\u001b\\[2J"$`);
    await assert.rejects(blobs.read(withUri(pathToFileURL(absent).href)), { code: 'BLOB_NOT_FOUND', message });
    const isShort = ({ message: text }: Error) => text.length < 500 && text.includes('ENAMETOOLONG');
    await assert.rejects(blobs.read(at('allowed', 'a'.repeat(2 ** 20))), isShort);
  });
});
