import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { openS3Blobs } from '../../../src/adapters/blobs/s3.ts';
import type { S3Connection, S3Object } from '../../../src/adapters/blobs/s3-client.ts';
import { collectS3Blobs } from '../../../src/adapters/blobs/s3-collection.ts';
import { connectS3, type S3Connect } from '../../../src/adapters/blobs/s3-connect.ts';
import type { Blobs } from '../../../src/ports/blobs.ts';
import { describeWithS3 } from '../../support/s3/describe.ts';
import { type Served, serve } from '../../support/serve.ts';

const CONNECTION = { region: 'us-east-1', pathStyle: true, timeoutMs: 10_000 };
const LATER_MS = 60_000;

describeWithS3('collectS3Blobs', (s3) => {
  let bucket: string;
  let connect: S3Connect;
  let blobs: Blobs;

  beforeEach(async () => {
    const { endpoint, credentials } = s3();
    bucket = await s3().createBucket();
    const connection: S3Connection = { ...CONNECTION, endpoint, credentials };
    connect = connectS3(connection);
    blobs = openS3Blobs({ ...connection, bucket, prefix: 'blobs/', allowBuckets: [], maxBytes: 1000 });
  });

  const put = (Key: string) => s3().client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'kept' }));
  const keys = async () => {
    const { Contents = [] } = await s3().client.send(new ListObjectsV2Command({ Bucket: bucket }));
    return Contents.map(({ Key = '' }) => Key);
  };
  /** What was last written up to now, or in the next minute, is old. */
  const collect = (beforeMs = Date.now() + LATER_MS, signal?: AbortSignal) =>
    collectS3Blobs(connect, { bucket, prefix: 'blobs/' }, beforeMs, signal);

  it('removes the blobs that are older, and no others', async () => {
    const old = await blobs.write(Buffer.from('old'));
    await sleep(2100);
    const beforeMs = Date.now() - 1000;
    const young = await blobs.write(Buffer.from('young'));
    assert.equal(await collect(beforeMs), 1);
    await assert.rejects(blobs.read(old), { code: 'BLOB_NOT_FOUND' });
    assert.equal(Buffer.from(await blobs.read(young)).toString(), 'young');
  });

  it('keeps a blob that was written again or renewed', async () => {
    const [written, renewed] = await Promise.all(['written', 'renewed'].map((text) => blobs.write(Buffer.from(text))));
    assert.ok(written && renewed);
    await sleep(2100);
    const beforeMs = Date.now() - 1000;
    await Promise.all([blobs.write(Buffer.from('written')), blobs.renew(renewed)]);
    assert.equal(await collect(beforeMs), 0);
    for (const reference of [written, renewed]) await blobs.read(reference);
  });

  it('leaves alone what is not of its making', async () => {
    const hex = 'a'.repeat(64);
    const others = [
      hex,
      `other/${hex}`,
      `blobs/${hex.slice(1)}`,
      `blobs/${hex}a`,
      `blobs/${hex.toUpperCase()}`,
      `blobs/deep/${hex}`,
      `blobs/${hex}.png`,
      `blobs${hex}`,
    ];
    for (const other of others) await put(other);
    assert.equal(await collect(), 0);
    assert.deepEqual(new Set(await keys()), new Set(others));
  });

  it('removes more than one listing shows', async () => {
    const bodies = Array.from({ length: 1001 }, (_, at) => Buffer.from(`blob ${at}`));
    for (let at = 0; at < bodies.length; at += 50) {
      await Promise.all(bodies.slice(at, at + 50).map((bytes) => blobs.write(bytes)));
    }
    assert.equal(await collect(), 1001);
    assert.deepEqual(await keys(), []);
  });

  it('keeps an object that is another than the one listed', async () => {
    await blobs.write(Buffer.from('blob'));
    const client = await connect();
    const listed: S3Object[] = [];
    for await (const page of client.list({ bucket, key: 'blobs/' })) listed.push(...page);
    const [object] = listed;
    assert.ok(object);
    await put(object.key);
    assert.equal(await client.remove(bucket, [object]), 0);
    assert.deepEqual(await keys(), [object.key]);
  });

  it('may run in several processes at once', async () => {
    for (let at = 0; at < 20; at++) await blobs.write(Buffer.from(`blob ${at}`));
    await Promise.all([collect(), collect(), collect()]);
    assert.deepEqual(await keys(), []);
  });

  it('ends early once it is told to', async () => {
    await blobs.write(Buffer.from('old'));
    assert.equal(await collect(undefined, AbortSignal.abort()), 0);
    assert.equal((await keys()).length, 1);
  });

  it('tells that there is no such bucket', async () => {
    const collecting = collectS3Blobs(connect, { bucket: 'no-such-bucket', prefix: '' }, 0);
    await assert.rejects(collecting, { code: 'BLOB_NOT_FOUND' });
  });
});

describe('collectS3Blobs where blobs may not be removed', () => {
  const KEY = 'a'.repeat(64);
  const LISTING = `<ListBucketResult><IsTruncated>false</IsTruncated>
    <Contents><Key>${KEY}</Key><LastModified>2026-01-01T00:00:00Z</LastModified></Contents></ListBucketResult>`;
  const REFUSAL = `<DeleteResult><Error><Key>${KEY}</Key><Code>AccessDenied</Code></Error></DeleteResult>`;
  let server: Served;
  before(async () => {
    server = await serve(({ method }, response) => response.end(method === 'GET' ? LISTING : REFUSAL));
  });
  after(() => server.close());

  it('tells so', async () => {
    const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' };
    const connect = connectS3({ ...CONNECTION, endpoint: server.origin, credentials });
    const collecting = collectS3Blobs(connect, { bucket: 'bucket', prefix: '' }, Date.now());
    await assert.rejects(collecting, { code: 'BLOB_UNAVAILABLE', message: /1 of 1 objects: AccessDenied/ });
  });
});
