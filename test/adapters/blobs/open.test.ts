import assert from 'node:assert/strict';
import { openBlobs } from '../../../src/adapters/blobs/open.ts';
import type { Blobs } from '../../../src/ports/blobs.ts';
import { referenceTo } from '../../contracts/blobs.ts';
import { temporaryFolder } from '../../support/folders.ts';

describe('openBlobs', () => {
  const bytes = Buffer.from('bytes');
  let blobs: Blobs;
  let remove: () => Promise<void>;

  before(async () => {
    const folder = await temporaryFolder();
    remove = folder.remove;
    const limits = { allowFolders: [], allowHosts: [], allowPrivate: false, maxBytes: 1000, timeoutMs: 1000 };
    blobs = openBlobs({ folder: folder.path, ...limits });
  });
  after(() => remove());

  it('reads what it wrote', async () => {
    assert.ok(bytes.equals(await blobs.read(await blobs.write(bytes))));
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
});
