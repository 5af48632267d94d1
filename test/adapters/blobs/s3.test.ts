import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { HeadObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { openS3Blobs, type S3BlobsOptions } from '../../../src/adapters/blobs/s3.ts';
import { S3Client } from '../../../src/adapters/blobs/s3-client.ts';
import { digestOf } from '../../../src/adapters/blobs/verify.ts';
import { OrdoError } from '../../../src/errors.ts';
import { blobsContract, MAX_BYTES, referenceTo } from '../../contracts/blobs.ts';
import { describeWithS3 } from '../../support/s3/describe.ts';

const bytes = Buffer.from('the bytes of an image');

describeWithS3('openS3Blobs on an S3 server', (s3) => {
  let bucket: string;
  before(async () => {
    bucket = await s3().createBucket();
  });

  const options = (overrides: Partial<S3BlobsOptions> = {}): S3BlobsOptions => ({
    bucket,
    prefix: 'blobs/',
    allowBuckets: [],
    region: 'us-east-1',
    endpoint: s3().endpoint,
    pathStyle: true,
    credentials: s3().credentials,
    maxBytes: MAX_BYTES,
    timeoutMs: 10_000,
    ...overrides,
  });
  const open = (overrides: Partial<S3BlobsOptions> = {}) => openS3Blobs(options(overrides));
  const put = (Bucket: string, Key: string, Body: Buffer) =>
    s3().client.send(new PutObjectCommand({ Bucket, Key, Body }));
  const keys = async (Bucket: string) => {
    const { Contents = [] } = await s3().client.send(new ListObjectsV2Command({ Bucket }));
    return Contents.map(({ Key }) => Key);
  };
  const keyOf = (uri: string) => uri.slice(`s3://${bucket}/`.length);
  const head = (uri: string) =>
    s3().client.send(new HeadObjectCommand({ Bucket: bucket, Key: keyOf(uri), ChecksumMode: 'ENABLED' }));

  blobsContract('openS3Blobs, of what it wrote,', async () => {
    const blobs = open();
    return {
      blobs,
      put: (content) => blobs.write(content),
      absent: () => referenceTo(`s3://${bucket}/blobs/absent`, Buffer.from('x')),
      close: async () => {},
    };
  });

  it('writes the same bytes once, under prefix and digest, and gives the same reference', async () => {
    const own = await s3().createBucket();
    const blobs = open({ bucket: own });
    const references = await Promise.all(Array.from({ length: 4 }, () => blobs.write(bytes)));
    const key = `blobs/${digestOf(bytes).toString('hex')}`;
    for (const reference of references) assert.deepEqual(reference, referenceTo(`s3://${own}/${key}`, bytes));
    assert.deepEqual(await keys(own), [key]);
  });

  it('writes to the top of a bucket without a prefix', async () => {
    const { uri } = await open({ prefix: '' }).write(bytes);
    assert.equal(uri, `s3://${bucket}/${digestOf(bytes).toString('hex')}`);
  });

  it('has the server compare the bytes with their digest', async () => {
    const { uri } = await open().write(bytes);
    assert.equal((await head(uri)).ChecksumSHA256, digestOf(bytes).toString('base64'));
    const wrong = new S3Client(options()).put({ bucket, key: 'blobs/wrong' }, bytes, digestOf(Buffer.from('others')));
    await assert.rejects(wrong, { name: 'BadDigest' });
  });

  it('makes a blob that is there as young as a new one, when it is written and when it is renewed', async () => {
    const blobs = open();
    const reference = await blobs.write(Buffer.from('to be renewed'));
    const age = async () => (await head(reference.uri)).LastModified?.getTime() ?? 0;
    const written = await age();
    await sleep(1100);
    await blobs.renew(reference);
    const renewed = await age();
    await sleep(1100);
    await blobs.write(Buffer.from('to be renewed'));
    assert.ok(written < renewed && renewed < (await age()));
    assert.equal(Buffer.from(await blobs.read(reference)).toString(), 'to be renewed');
  });

  it('tells that there is nothing to renew, and renews nothing of others', async () => {
    const blobs = open({ allowBuckets: [`${bucket}/theirs/`] });
    const absent = referenceTo('', Buffer.from('absent'));
    const uri = `s3://${bucket}/blobs/${Buffer.from(absent.sha256).toString('hex')}`;
    await assert.rejects(blobs.renew({ ...absent, uri }), { code: 'BLOB_NOT_FOUND' });
    await blobs.renew({ ...absent, uri: uri.replace('blobs', 'theirs') });
  });

  it('replaces an object that holds other bytes', async () => {
    const blobs = open();
    const reference = await blobs.write(bytes);
    await put(bucket, keyOf(reference.uri), Buffer.from('damaged'));
    await assert.rejects(blobs.read(reference), { code: 'BLOB_DIGEST_MISMATCH' });
    await blobs.write(bytes);
    assert.ok(bytes.equals(await blobs.read(reference)));
  });

  it('reads from allowed buckets and prefixes, whatever the keys are', async () => {
    const other = await s3().createBucket();
    for (const key of ['image', 'some/an image+%2f?#.png']) {
      await put(other, key, bytes);
      await put(bucket, `theirs/${key}`, bytes);
      const blobs = open({ allowBuckets: [`${other}/`, `${bucket}/theirs/`] });
      assert.ok(bytes.equals(await blobs.read(referenceTo(`s3://${other}/${key}`, bytes))), key);
      assert.ok(bytes.equals(await blobs.read(referenceTo(`S3://${bucket}/theirs/${key}`, bytes))), key);
    }
  });

  it('is BLOB_NOT_FOUND where there is no such bucket', async () => {
    const blobs = open({ bucket: 'no-such-bucket' });
    await assert.rejects(blobs.read(referenceTo('s3://no-such-bucket/blobs/image', bytes)), { code: 'BLOB_NOT_FOUND' });
    await assert.rejects(blobs.write(bytes), { code: 'BLOB_UNAVAILABLE', message: /NoSuchBucket \(404\)/ });
  });

  it('is BLOB_UNAVAILABLE where the credentials are refused, and repeats nothing of them', async () => {
    const credentials = { ...s3().credentials, secretAccessKey: 'another-secret' };
    const blobs = open({ credentials });
    for (const work of [() => blobs.read(referenceTo(`s3://${bucket}/blobs/image`, bytes)), () => blobs.write(bytes)]) {
      const error = await work().catch((thrown: unknown) => thrown);
      assert.ok(error instanceof OrdoError && error.code === 'BLOB_UNAVAILABLE');
      assert.match(error.message, /S3 answers SignatureDoesNotMatch \(403\)$/);
      const shown = inspect(error, { depth: null, showHidden: true });
      for (const secret of Object.values(credentials)) assert.ok(!shown.includes(secret), shown);
    }
  });
});
