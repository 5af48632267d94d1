import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openPipelineBlobs } from '../../src/app/blobs.ts';
import { readSecret, type SecretReference } from '../../src/app/secrets.ts';
import { temporaryFolder } from '../support/folders.ts';
import { tinySpec } from '../support/tiny.ts';

describe('readSecret', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let file: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    file = join(folder.path, 'secret');
  });
  afterEach(() => folder.remove());

  const read = (reference: SecretReference) =>
    readSecret(reference, { file: 'p.yaml', field: 'a.b' }, { NAME: 'from the environment', EMPTY: '' });
  const problem = (message: string | RegExp) => ({ code: 'PIPELINE_INVALID', message });

  it('takes it from the environment', () => assert.equal(read({ env: 'NAME' }), 'from the environment'));

  for (const [text, secret] of [
    ['from a file', 'from a file'],
    ['from a file\n', 'from a file'],
    ['from a file\r\n', 'from a file'],
    [' spaces and\nlines \n\n', ' spaces and\nlines \n'],
  ] as const) {
    it(`takes it from a file, without the line break at the end: ${JSON.stringify(text)}`, async () => {
      await writeFile(file, text);
      assert.equal(read({ file }), secret);
    });
  }

  it('names the field that names no secret', async () => {
    assert.throws(() => read({ env: 'OTHER' }), problem('p.yaml: a.b: the environment variable OTHER is not set'));
    assert.throws(() => read({ env: 'EMPTY' }), problem('p.yaml: a.b: the environment variable EMPTY is empty'));
    assert.throws(() => read({ file }), problem(/^p\.yaml: a\.b: the file .*secret cannot be read: ENOENT/));
    await writeFile(file, '\n');
    assert.throws(() => read({ file }), problem(`p.yaml: a.b: the file ${file} is empty`));
  });
});

describe('openPipelineBlobs', () => {
  it('refuses to open where a secret is missing', () => {
    const spec = tinySpec('.');
    const credentials = { accessKeyId: { file: '/dev/null' }, secretAccessKey: { env: 'ORDO_TEST_NO_SUCH_VARIABLE' } };
    spec.images.claimCheck.s3 = { bucket: 'bucket', prefix: '', pathStyle: false, credentials, allowBuckets: [] };
    assert.throws(() => openPipelineBlobs(spec), {
      code: 'PIPELINE_INVALID',
      message: /tiny\.yaml: images\.claimCheck\.s3\.accessKeyId: the file \/dev\/null is empty$/,
    });
  });
});
