import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { openBlobs } from '../../../src/adapters/blobs/open.ts';
import type { Blobs } from '../../../src/ports/blobs.ts';
import { referenceTo } from '../../contracts/blobs.ts';
import { ended } from '../../support/cli.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { describeWithS3 } from '../../support/s3/describe.ts';

const LIMITS = { allowFolders: [], allowHosts: [], allowPrivate: false, maxBytes: 1000, timeoutMs: 5000 };
const bytes = Buffer.from('bytes');

describe('openBlobs', () => {
  let blobs: Blobs;
  let remove: () => Promise<void>;

  before(async () => {
    const folder = await temporaryFolder();
    remove = folder.remove;
    blobs = openBlobs({ folder: folder.path, ...LIMITS });
  });
  after(() => remove());

  it('reads what it wrote', async () => {
    assert.ok(bytes.equals(await blobs.read(await blobs.write(bytes))));
  });

  it('renews what it wrote, and leaves alone what it cannot', async () => {
    const reference = await blobs.write(bytes);
    const path = fileURLToPath(reference.uri);
    await utimes(path, 1000, 1000);
    for (const uri of ['https://example.com/a', 's3://bucket/key', 'constructor:x', '']) {
      await blobs.renew({ ...reference, uri });
    }
    assert.equal((await stat(path)).mtimeMs, 1_000_000);
    await blobs.renew(reference);
    assert.ok((await stat(path)).mtimeMs > 1_000_000);
  });

  for (const uri of ['http://example.com/a', 'https://example.com/a', 'HTTP://example.com/a', 'file:///etc/hostname']) {
    it(`knows the scheme of ${uri}, and that it is not allowed`, () =>
      assert.rejects(blobs.read(referenceTo(uri, bytes)), { code: 'BLOB_FORBIDDEN' }));
  }

  for (const uri of [
    's3://bucket/key',
    'ftp://example.com/a',
    'data:,bytes',
    'blob:x',
    '/etc/hostname',
    '',
    'constructor:x',
  ]) {
    it(`does not read ${uri || 'an empty reference'}`, () =>
      assert.rejects(blobs.read(referenceTo(uri, bytes)), { code: 'BLOB_UNSUPPORTED' }));
  }

  it('repeats no more of a reference than tells what it is', async () => {
    const long = 'a'.repeat(2 ** 20);
    const message = /^no storage here reads "a{100}"\.\.\. \(1048577 characters\)$/;
    await assert.rejects(blobs.read(referenceTo(`${long}:x`, bytes)), { code: 'BLOB_UNSUPPORTED', message });
  });
});

describeWithS3('openBlobs with S3', (s3) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => folder.remove());

  it('writes to S3, and reads files that were written before', async () => {
    const { endpoint, credentials } = s3();
    const bucket = await s3().createBucket();
    const options = { folder: folder.path, ...LIMITS };
    const older = await openBlobs(options).write(bytes);
    const place = { bucket, prefix: '', allowBuckets: [], region: 'us-east-1', endpoint, pathStyle: true, credentials };
    const blobs = openBlobs({ ...options, s3: place });
    const younger = await blobs.write(bytes);
    assert.match(younger.uri, new RegExp(`^s3://${bucket}/`));
    await blobs.renew(younger);
    for (const reference of [older, younger]) assert.ok(bytes.equals(await blobs.read(reference)));
  });
});

describe('the client of S3', () => {
  const source = (file: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, file)).href);
  const SCRIPT = `
import { createRequire } from 'node:module';
import { openBlobs } from ${source('../../../src/adapters/blobs/open.ts')};
const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('client-s3'));
const s3 = { bucket: 'bucket', prefix: '', allowBuckets: [], region: 'x', endpoint: 'http://127.0.0.1:1', pathStyle: true };
const blobs = openBlobs({ folder: '.', ...${JSON.stringify(LIMITS)}, s3 });
const before = loaded();
await blobs.read({ uri: 's3://bucket/key', sha256: new Uint8Array(32), sizeBytes: 1 }).catch(() => {});
console.log(before, loaded());`;

  it('is loaded when the first blob is asked for', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', SCRIPT], { stdio: 'pipe' });
    const { stdout, stderr } = await ended(child);
    assert.equal(stdout, 'false true\n', stderr);
  });
});
