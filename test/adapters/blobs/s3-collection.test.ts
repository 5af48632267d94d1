import assert from 'node:assert/strict';
import { text as textOf } from 'node:stream/consumers';
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

describe('collectS3Blobs where a blob may not be removed', () => {
  const KEYS = ['a'.repeat(64), 'b'.repeat(64)] as const;
  const page = (key: string, more: string) => `<ListBucketResult><IsTruncated>${more !== ''}</IsTruncated>${more}
    <Contents><Key>${key}</Key><LastModified>2026-01-01T00:00:00Z</LastModified></Contents></ListBucketResult>`;
  const FIRST = page(KEYS[0], '<NextContinuationToken>next</NextContinuationToken>');
  const REFUSAL = `<DeleteResult><Error><Key>${KEYS[0]}</Key><Code>AccessDenied</Code></Error></DeleteResult>`;
  const asked: string[] = [];
  let server: Served;
  before(async () => {
    server = await serve((request, response) => {
      if (request.method === 'GET') response.end(request.url?.includes('next') ? page(KEYS[1], '') : FIRST);
      else void textOf(request).then((body) => response.end(asked.push(body) === 1 ? REFUSAL : '<DeleteResult/>'));
    });
  });
  after(() => server.close());

  it('goes on with the next listing, and tells so at the end', async () => {
    const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' };
    const connect = connectS3({ ...CONNECTION, endpoint: server.origin, credentials });
    const collecting = collectS3Blobs(connect, { bucket: 'bucket', prefix: '' }, Date.now());
    await assert.rejects(collecting, { code: 'BLOB_UNAVAILABLE', message: /1 of 1 objects: AccessDenied/ });
    assert.deepEqual(
      asked.map((body) => KEYS.filter((key) => body.includes(key))),
      [[KEYS[0]], [KEYS[1]]],
    );
  });
});
