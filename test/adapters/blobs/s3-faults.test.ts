import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { openS3Blobs, type S3BlobsOptions } from '../../../src/adapters/blobs/s3.ts';
import { referenceTo } from '../../contracts/blobs.ts';
import { type Served, serve } from '../../support/serve.ts';

const bytes = Buffer.from('the bytes of an image');

describe('openS3Blobs', () => {
  let server: Served;
  let requests: string[];

  /** What the server does with a key; a key such as `404-NoSuchKey` is answered with that status and code. */
  const routes: Record<string, (response: ServerResponse) => void> = {
    image: (response) => response.end(bytes),
    endless: (response) => {
      const more = () => response.destroyed || (response.write(Buffer.alloc(65536)), setImmediate(more));
      more();
    },
    silent: () => {},
    slow: (response) => {
      response.write('the');
    },
    cut: (response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write('the');
      setImmediate(() => response.destroy());
    },
  };

  beforeEach(async () => {
    requests = [];
    server = await serve(({ url = '' }, response) => {
      const [key = ''] = (url.split('/').at(-1) ?? '').split('?');
      requests.push(key);
      const [status, code] = key.split('-');
      const route = routes[key];
      if (route) route(response);
      else response.writeHead(Number(status)).end(`<Error><Code>${code}</Code><Message>why</Message></Error>`);
    });
  });
  afterEach(() => server.close());

  const open = (overrides: Partial<S3BlobsOptions> = {}) =>
    openS3Blobs({
      bucket: 'bucket',
      prefix: 'own/',
      allowBuckets: ['other/', 'third/allowed/'],
      region: 'us-east-1',
      endpoint: server.origin,
      pathStyle: true,
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
      maxBytes: 1000,
      timeoutMs: 5000,
      ...overrides,
    });
  const read = (key: string, overrides?: Partial<S3BlobsOptions>) =>
    open(overrides).read(referenceTo(`s3://bucket/own/${key}`, bytes));

  const answers = {
    BLOB_NOT_FOUND: ['404-NoSuchKey', '404-NoSuchBucket'],
    BLOB_FORBIDDEN: ['403-AccessDenied', '403-AllAccessDisabled', '403-InvalidObjectState'],
    BLOB_UNAVAILABLE: [
      '500-InternalError',
      '503-SlowDown',
      '429-TooManyRequests',
      '400-ExpiredToken',
      '403-InvalidAccessKeyId',
      '403-RequestTimeTooSkewed',
      '301-PermanentRedirect',
    ],
  };
  for (const [code, all] of Object.entries(answers)) {
    it(`takes the answers ${all.join(', ')} for ${code}`, async () => {
      for (const answer of all) await assert.rejects(read(answer), { code }, answer);
    });
  }

  it('reads what the server gives', async () => assert.ok(bytes.equals(await read('image'))));

  it('stops reading what does not end', () => assert.rejects(read('endless'), { code: 'BLOB_DIGEST_MISMATCH' }));

  it('gives up on what takes too long, before and within the body', async () => {
    await assert.rejects(read('silent', { timeoutMs: 100 }), { code: 'BLOB_UNAVAILABLE' });
    await assert.rejects(read('slow', { timeoutMs: 100 }), { code: 'BLOB_UNAVAILABLE' });
  });

  it('is BLOB_UNAVAILABLE when the connection breaks or cannot be made', async () => {
    await assert.rejects(read('cut'), { code: 'BLOB_UNAVAILABLE' });
    await server.close();
    await assert.rejects(read('image'), { code: 'BLOB_UNAVAILABLE' });
    await assert.rejects(open().write(bytes), { code: 'BLOB_UNAVAILABLE' });
  });

  it('is BLOB_UNAVAILABLE when the name cannot be resolved', () =>
    assert.rejects(read('image', { endpoint: 'http://name.invalid' }), { code: 'BLOB_UNAVAILABLE' }));

  it('does not ask for too large a blob', async () => {
    await assert.rejects(read('image', { maxBytes: 5 }), { code: 'BLOB_TOO_LARGE' });
    assert.deepEqual(requests, []);
  });

  it('does not ask for a key that is longer than any', async () => {
    await assert.rejects(read('k'.repeat(1021)), { code: 'BLOB_NOT_FOUND' });
    assert.deepEqual(requests, []);
  });

  for (const uri of ['s3://other/image', 's3://third/allowed/image', 's3://bucket/own/deep/image']) {
    it(`reads ${uri}`, async () => assert.ok(bytes.equals(await open().read(referenceTo(uri, bytes)))));
  }

  for (const uri of [
    's3://bucket/image',
    's3://bucket/owner/image',
    's3://others/image',
    's3://OTHER/image',
    's3://third/image',
    's3://third/allowed-not/image',
    's3://third/allowed/../image',
    's3://third/allowed/deep/../../image',
    's3://other/./image',
    's3://other/..',
    's3://other',
    's3://other/',
    's3:///image',
    's3:other/image',
    's3://user@other/image',
  ]) {
    it(`forbids ${uri}, without asking for it`, async () => {
      await assert.rejects(open().read(referenceTo(uri, bytes)), { code: 'BLOB_FORBIDDEN' });
      assert.deepEqual(requests, []);
    });
  }
});
