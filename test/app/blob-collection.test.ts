import assert from 'node:assert/strict';
import { access, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startBlobCollection } from '../../src/app/blob-collection.ts';
import { openPipelineBlobs } from '../../src/app/producer.ts';
import { startService } from '../../src/app/service.ts';
import type { PipelineSpec, StageName } from '../../src/app/spec.ts';
import { temporaryFolder } from '../support/folders.ts';
import { silent } from '../support/silent.ts';
import { tinySpec } from '../support/tiny.ts';

const DAY_MS = 86_400_000;
const KEPT_MS = 3 * DAY_MS;

describe('the collection of blobs', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let spec: PipelineSpec;

  const blobOf = async (ageMs: number) => {
    const { uri } = await openPipelineBlobs(spec).write(Buffer.from(`a blob of ${ageMs} ms`));
    const seconds = (Date.now() - ageMs) / 1000;
    await utimes(fileURLToPath(uri), seconds, seconds);
    return fileURLToPath(uri);
  };
  const exists = (path: string) =>
    access(path).then(
      () => true,
      () => false,
    );
  const gone = async (path: string) => {
    while (await exists(path)) await sleep(5);
  };

  beforeEach(async () => {
    folder = await temporaryFolder();
    spec = tinySpec(folder.path, { topics: { partitions: 1, retention: { maxAgeMs: KEPT_MS } } });
  });
  afterEach(() => folder.remove());

  it('removes what is a day older than the topics keep records, at the start and then again and again', async () => {
    const [young, old] = [await blobOf(KEPT_MS + DAY_MS - 60_000), await blobOf(KEPT_MS + DAY_MS + 60_000)];
    const collection = startBlobCollection(spec, silent.logger, 10);
    await gone(old);
    await gone(await blobOf(KEPT_MS + 2 * DAY_MS));
    await collection.close();
    assert.ok(await exists(young));
  });

  it('removes nothing where records are kept for ever', async () => {
    spec = { ...spec, topics: { partitions: 1, retention: { maxBytes: 1 } } };
    const old = await blobOf(1000 * DAY_MS);
    await startBlobCollection(spec, silent.logger, 10).close();
    assert.ok(await exists(old));
  });

  it('says that it cannot remove, and goes on', async () => {
    const warned: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const warn = (_: object, message: string) => {
      if (warned.push(message) === 2) resolve();
    };
    await writeFile(spec.file, 'no folder');
    spec.images.claimCheck.folder = spec.file;
    const collection = startBlobCollection(spec, { ...silent.logger, warn }, 10);
    await promise;
    await collection.close();
    assert.equal(warned[0], 'old blobs cannot be removed');
  });

  it('is the business of the stage that reads blobs', async () => {
    const old = await blobOf(KEPT_MS + 2 * DAY_MS);
    const serve = (stages: StageName[]) => startService(spec, { stages, logger: silent.logger });
    await (await serve(['aggregate'])).stop();
    assert.ok(await exists(old));
    const service = await serve(['tokenize']);
    await gone(old);
    await service.stop();
  });
});
