import assert from 'node:assert/strict';
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { utimes, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { countOf, readTopic } from '../../src/app/verify/outcomes.ts';
import { openSqliteLog } from '../../src/adapters/sqlite/open.ts';
import { type BlobCollectionOptions, startBlobCollection } from '../../src/app/blob-collection.ts';
import { openPipelineBlobs } from '../../src/app/blobs.ts';
import { topicsOf } from '../../src/app/open-log.ts';
import { openProducer } from '../../src/app/producer.ts';
import { startService } from '../../src/app/service.ts';
import { type PipelineSpec, type StageName, topicNames } from '../../src/app/spec.ts';
import { OrdoError } from '../../src/errors.ts';
import type { BlobReference } from '../../src/ports/blobs.ts';
import type { Log } from '../../src/ports/log.ts';
import { encodeDeadLetter } from '../../src/stages/codec.ts';
import { temporaryFolder } from '../support/folders.ts';
import { describeWithS3 } from '../support/s3/describe.ts';
import type { S3Server } from '../support/s3/server.ts';
import { s3Spec } from '../support/s3/spec.ts';
import { silent } from '../support/silent.ts';
import { TINY_NAMES, tinySpec } from '../support/tiny.ts';

const DAY_MS = 86_400_000;
const KEPT_MS = 3 * DAY_MS;
const BY_AGE = { maxAgeMs: KEPT_MS };
const BY_SIZE = { maxBytes: 2 ** 30 };
const { images, deadLetters } = topicNames(TINY_NAMES);

describe('the collection of blobs in files', () => collection(() => undefined));

describeWithS3('the collection of blobs in S3', (s3) => {
  collection(s3);
});

/** What holds of both stores; S3 where a server is given. */
function collection(server: () => S3Server | undefined): void {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let spec: PipelineSpec;
  let log: Log;
  /** How far the collection's clock is ahead. */
  let aheadMs: number;
  /** How often the collection has looked at it, which is once a round. */
  let rounds: number;
  /** Ends what a test that failed has left behind. */
  let over: AbortController;

  beforeEach(async () => {
    folder = await temporaryFolder();
    spec = tinySpec(folder.path, { topics: { partitions: 1, retention: BY_AGE } });
    const s3 = server();
    if (s3) spec.images.claimCheck.s3 = await s3Spec(s3, folder.path);
    log = await openSqliteLog({ folder: join(folder.path, 'log'), retentionIntervalMs: 20 });
    await log.ensureTopics(topicsOf(spec));
    rounds = 0;
    over = new AbortController();
  });
  afterEach(async () => {
    over.abort();
    await log.close();
    await folder.remove();
  });

  const pause = () => sleep(5, undefined, { signal: over.signal });
  const write = (text: string) => openPipelineBlobs(spec).write(Buffer.from(text));
  const exists = (reference: BlobReference) =>
    openPipelineBlobs(spec)
      .read(reference)
      .then(
        () => true,
        () => false,
      );
  const gone = async (reference: BlobReference) => {
    while (await exists(reference)) await pause();
  };
  const start = (options: Partial<BlobCollectionOptions> = {}, of = spec) => {
    const now = () => {
      rounds += 1;
      return Date.now() + aheadMs;
    };
    const running = startBlobCollection(of, { log, logger: silent.logger, everyMs: 10, now, ...options });
    over.signal.addEventListener('abort', () => void running.close());
    return running;
  };
  /** Until the collection has gone through two rounds that it had not begun. */
  const settled = async () => {
    for (const until = rounds + 3; rounds < until; ) await pause();
  };
  const produce = async () => {
    const bytes = new Uint8Array(spec.images.claimCheck.aboveBytes + 1);
    const image = { source: 'urn:test', id: '1', stream: 's', capturedAtMs: 0, attributes: {}, bytes };
    await openProducer(spec, log).send([image]);
    return openPipelineBlobs(spec).write(bytes);
  };
  const empty = async (topic: string) => {
    await log.ensureTopics([{ name: topic, partitions: 1, retention: { maxBytes: 1 } }]);
    while ((await countOf(log, topic)) > 0) await pause();
  };

  it('removes what is a day older than the topics keep records, at the start and then again and again', async () => {
    const first = await write('first');
    aheadMs = KEPT_MS + DAY_MS - 60_000;
    const running = start();
    await settled();
    assert.ok(await exists(first));
    aheadMs = KEPT_MS + DAY_MS + 60_000;
    await gone(first);
    await gone(await write('second'));
    await running.close();
  });

  it('removes what is more than a day old where the log holds no image and records go by size alone', async () => {
    spec = { ...spec, topics: { partitions: 1, retention: BY_SIZE } };
    const first = await write('first');
    aheadMs = DAY_MS - 60_000;
    const running = start();
    await settled();
    assert.ok(await exists(first), 'its record may be on its way');
    aheadMs = DAY_MS + 60_000;
    await gone(first);
    await running.close();
  });

  for (const [how, retention] of Object.entries({ 'by age': BY_AGE, 'by size alone': BY_SIZE })) {
    describe(`where records go ${how}`, () => {
      beforeEach(() => {
        spec = { ...spec, topics: { partitions: 1, retention } };
      });
      keepsWhatIsPointedTo();
    });
  }

  function keepsWhatIsPointedTo(): void {
    it('keeps the blob of an image that the log still holds, however old', async () => {
      const blob = await produce();
      aheadMs = 10 * KEPT_MS;
      const running = start();
      await settled();
      assert.ok(await exists(blob));
      await empty(images);
      await gone(blob);
      await running.close();
    });

    it('keeps the blob of an image that a dead letter holds, however late that was written', async () => {
      const blob = await produce();
      const [record] = await readTopic(log, images);
      assert.ok(record);
      const letter = encodeDeadLetter(record, 'tokenize', new OrdoError('BLOB_UNAVAILABLE', 'why'));
      await log.publish([{ topic: deadLetters, partition: 0, ...letter }]);
      await empty(images);
      aheadMs = 10 * KEPT_MS;
      const running = start();
      await settled();
      assert.ok(await exists(blob));
      await empty(deadLetters);
      await gone(blob);
      await running.close();
    });
  }

  it('removes nothing where records are kept for ever', async () => {
    spec = { ...spec, topics: { partitions: 1, retention: {} } };
    aheadMs = 1000 * DAY_MS;
    const blob = await write('old');
    await start().close();
    assert.equal(rounds, 0);
    assert.ok(await exists(blob));
  });

  it('ends though the log never answers', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const topics = () => {
      resolve();
      return new Promise<never>(() => {});
    };
    const running = start({ log: { topics, read: (...args) => log.read(...args) } });
    await asked;
    await running.close();
  });

  it('removes nothing while the log does not tell what it holds', async () => {
    const blob = await write('old');
    aheadMs = 10 * KEPT_MS;
    const { promise, resolve } = Promise.withResolvers<void>();
    const warned: string[] = [];
    const warn = (_: object, message: string) => {
      if (warned.push(message) === 2) resolve();
    };
    const topics = () => Promise.reject(new OrdoError('LOG_UNAVAILABLE', 'why'));
    const running = start({
      log: { topics, read: () => assert.fail('read nevertheless') },
      logger: { ...silent.logger, warn },
    });
    await promise;
    await running.close();
    assert.deepEqual(warned.slice(0, 2), ['old blobs cannot be removed', 'old blobs cannot be removed']);
    assert.ok(await exists(blob));
  });

  it('says where it cannot remove, and goes on elsewhere', async () => {
    const blob = await write('old');
    aheadMs = 10 * KEPT_MS;
    const warned: object[] = [];
    const warn = (fields: object) => warned.push(fields);
    const running = start({ logger: { ...silent.logger, warn } }, await withBrokenStore(spec, folder.path));
    await gone(blob);
    await settled();
    await running.close();
    assert.ok(warned.length > 1);
  });
}

/** The pipeline with a store more that does not serve: the folder if it has S3, else S3. */
async function withBrokenStore(spec: PipelineSpec, folder: string): Promise<PipelineSpec> {
  const { claimCheck } = spec.images;
  if (!claimCheck.s3) {
    const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' };
    const nowhere = { endpoint: 'http://127.0.0.1:1', credentials, createBucket: async () => 'bucket' };
    return { ...spec, images: { ...spec.images, claimCheck: { ...claimCheck, s3: await s3Spec(nowhere, folder) } } };
  }
  await writeFile(spec.file, 'no folder');
  return { ...spec, images: { ...spec.images, claimCheck: { ...claimCheck, folder: spec.file } } };
}

describe('a service', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  it('collects blobs where it runs the stage that reads them', async () => {
    const spec = tinySpec(folder.path, { topics: { partitions: 1, retention: BY_AGE } });
    const path = fileURLToPath((await openPipelineBlobs(spec).write(Buffer.from('old'))).uri);
    const seconds = (Date.now() - KEPT_MS - 2 * DAY_MS) / 1000;
    await utimes(path, seconds, seconds);
    const serve = (stages: StageName[]) => startService(spec, { stages, logger: silent.logger });
    await (await serve(['aggregate'])).stop();
    assert.ok(existsSync(path));
    const service = await serve(['tokenize']);
    while (existsSync(path)) await sleep(5);
    await service.stop();
  });
});
