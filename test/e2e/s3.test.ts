import assert from 'node:assert/strict';
import { join } from 'node:path';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { compareOutcomes, readTopic } from '../../src/app/verify/outcomes.ts';
import { openLog } from '../../src/app/open-log.ts';
import { startPipeline } from '../../src/app/pipeline.ts';
import { type ImageInput, openProducer } from '../../src/app/producer.ts';
import { type PipelineSpec, STAGES, topicNames } from '../../src/app/spec.ts';
import type { LogRecord } from '../../src/ports/log.ts';
import { decodeImageEvent, decodeLabel, encodeImageEvent } from '../../src/stages/codec.ts';
import { createRouter } from '../../src/stages/router.ts';
import { temporaryFolder } from '../support/folders.ts';
import { outcomes } from '../support/outcomes.ts';
import { describeWithS3 } from '../support/s3/describe.ts';
import { s3Spec } from '../support/s3/spec.ts';
import { silent } from '../support/silent.ts';
import { tinyImages, tinySpec } from '../support/tiny.ts';

describeWithS3('a pipeline whose large images lie in S3', (s3) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  async function specWithS3(): Promise<PipelineSpec> {
    const spec = tinySpec(join(folder.path, 's3'));
    const claimCheck = { ...spec.images.claimCheck, aboveBytes: 100, s3: await s3Spec(s3(), folder.path) };
    return { ...spec, images: { ...spec.images, claimCheck } };
  }

  /** The outcomes and the images as the log holds them. */
  async function run(spec: PipelineSpec, images: readonly ImageInput[]): Promise<[LogRecord[], LogRecord[]]> {
    const log = await openLog(spec);
    try {
      await openProducer(spec, log).send(images);
      const pipeline = await startPipeline(spec, { stages: STAGES, log, ...silent });
      const labels = await outcomes(log, spec, images.length);
      await pipeline.stop();
      return [labels, await readTopic(log, topicNames(spec).images)];
    } finally {
      await log.close();
    }
  }

  it('gives the outcomes of one whose images travel in their records, bit for bit', async () => {
    const images = await tinyImages(30, 11);
    const [inline, whole] = await run(tinySpec(join(folder.path, 'inline')), images);
    const spec = await specWithS3();
    const [fetched, small] = await run(spec, images);
    assert.ok(fetched.every((record) => decodeLabel(record).outcome.case === 'classified'));
    assert.deepEqual(compareOutcomes(inline, fetched), { lost: 0, changed: 0, doubled: 0, unexpected: 0 });
    assert.ok(whole.every((record) => decodeImageEvent(record).content.case === 'inline'));
    assert.ok(small.every((record) => decodeImageEvent(record).content.case === 'blob'));
    const command = new ListObjectsV2Command({ Bucket: spec.images.claimCheck.s3?.bucket, Prefix: 'blobs/' });
    assert.equal((await s3().client.send(command)).KeyCount, images.length);
  });

  it('refuses a claim check that points outside the buckets it may name', async () => {
    const spec = await specWithS3();
    const [image] = await tinyImages(1, 12);
    const log = await openLog(spec);
    const router = createRouter(topicNames(spec), spec.topics.partitions);
    const blob = { uri: 's3://another-bucket/image', sha256: new Uint8Array(32), sizeBytes: 10 };
    await log.publish([router.to('images', encodeImageEvent(image!, { blob }))]);
    const pipeline = await startPipeline(spec, { stages: STAGES, log, ...silent });
    const [record] = await outcomes(log, spec, 1);
    await pipeline.stop();
    await log.close();
    const { outcome } = decodeLabel(record!);
    assert.ok(outcome.case === 'failed' && outcome.value.code === 'BLOB_FORBIDDEN');
  });
});
