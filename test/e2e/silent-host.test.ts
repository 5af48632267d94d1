import assert from 'node:assert/strict';
import { openLog } from '../../src/app/open-log.ts';
import { type RunningPipeline, startPipeline } from '../../src/app/pipeline.ts';
import { type PipelineSpec, STAGES, topicNames } from '../../src/app/spec.ts';
import { readTopic } from '../../src/app/verify/outcomes.ts';
import { sha256 } from '../../src/domain/digest.ts';
import type { Log } from '../../src/ports/log.ts';
import { decodeDeadLetter, decodeLabel, encodeImageEvent } from '../../src/stages/codec.ts';
import { createRouter } from '../../src/stages/router.ts';
import { temporaryFolder } from '../support/folders.ts';
import { outcomes } from '../support/outcomes.ts';
import { type Served, serve } from '../support/serve.ts';
import { silent } from '../support/silent.ts';
import { tinyImages, tinySpec } from '../support/tiny.ts';

/** With all attempts each, sixteen at a time, those of the silent host would take a minute and a half at least. */
const SILENT = 200;
const INLINE = 50;
/** What fails within a second is no silence. */
const TIMEOUT_MS = 1100;

describe('a pipeline with a host of images that does not answer', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let host: Served;
  let asked: number;
  let log: Log;
  let pipeline: RunningPipeline;

  before(async () => {
    folder = await temporaryFolder();
    asked = 0;
    host = await serve(() => void asked++);
  });
  after(async () => {
    await pipeline?.stop();
    await log?.close();
    await host.close();
    await folder.remove();
  });

  function specOf(): PipelineSpec {
    const { images, ...spec } = tinySpec(folder.path);
    const claimCheck = { ...images.claimCheck, allowHosts: ['127.0.0.1'], allowPrivate: true, timeoutMs: TIMEOUT_MS };
    return { ...spec, images: { ...images, claimCheck } };
  }

  it('labels the images of others soon, in the same streams too, and keeps those of the host as dead letters', async () => {
    const spec = specOf();
    const router = createRouter(topicNames(spec), spec.topics.partitions);
    const images = await tinyImages(SILENT + INLINE, 11);
    const records = images.map(({ bytes, ...image }, index) => {
      const blob = { uri: `${host.origin}/${index}`, sha256: sha256(bytes), sizeBytes: bytes.length };
      const content = index % 5 === 4 ? { inline: bytes } : { blob };
      return router.to('images', encodeImageEvent({ ...image, stream: `camera ${index % 3}` }, content));
    });
    log = await openLog(spec);
    await log.publish(records);
    pipeline = await startPipeline(spec, { stages: STAGES, log, ...silent });

    const labels = (await outcomes(log, spec, images.length)).map(decodeLabel);
    const kinds = labels.map(({ outcome }) => (outcome.case === 'failed' ? outcome.value.code : outcome.case));
    assert.equal(kinds.filter((kind) => kind === 'classified').length, INLINE);
    assert.equal(kinds.filter((kind) => kind === 'BLOB_UNAVAILABLE').length, SILENT);
    const letters = (await readTopic(log, topicNames(spec).deadLetters)).map(decodeDeadLetter);
    assert.equal(new Set(letters.map(({ offset, partition }) => `${partition}:${offset}`)).size, SILENT);
    assert.ok(letters.every(({ message }) => message.startsWith('cannot read from "127.0.0.1": ')));
    assert.ok(asked < 2 * SILENT, `${asked} requests`);
  }).timeout(70_000);
});
