import assert from 'node:assert/strict';
import { openClassifier } from '../../src/app/classifier.ts';
import { openLog } from '../../src/app/open-log.ts';
import { type RunningPipeline, startPipeline } from '../../src/app/pipeline.ts';
import { type ImageInput, openProducer } from '../../src/app/producer.ts';
import { type PipelineSpec, STAGES, topicNames } from '../../src/app/spec.ts';
import type { Log, LogRecord } from '../../src/ports/log.ts';
import { decodeDeadLetter, decodeLabel, encodeImageEvent } from '../../src/stages/codec.ts';
import { createRouter } from '../../src/stages/router.ts';
import { temporaryFolder } from '../support/folders.ts';
import { compareOutcomes, readTopic } from '../../src/app/verify/outcomes.ts';
import { outcomes } from '../support/outcomes.ts';
import { silent } from '../support/silent.ts';
import { tinyExamples, tinyImages } from '../support/tiny.ts';

/** What a pipeline does on any log. `specOf` gives one of the tiny model whose log has nothing in it, files in the folder. */
export function pipelineSuite(specOf: (folder: string) => PipelineSpec): void {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let log: Log;
  const running: RunningPipeline[] = [];

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((pipeline) => pipeline.stop()));
    await log?.close();
    await folder.remove();
  });

  async function run(spec: PipelineSpec, images: readonly ImageInput[]): Promise<LogRecord[]> {
    log = await openLog(spec);
    await openProducer(spec, log).send(images);
    running.push(await startPipeline(spec, { stages: STAGES, log, ...silent }));
    return outcomes(log, spec, images.length);
  }

  const labelsById = (records: readonly LogRecord[]) =>
    new Map(records.map((record) => [decodeLabel(record).image?.id ?? '', decodeLabel(record)]));

  it('gives the labels of the classifier, bit for bit', async () => {
    const spec = specOf(folder.path);
    const images = await tinyImages(60, 1);
    const labels = labelsById(await run(spec, images));
    const classifier = await openClassifier(spec);
    for (const image of images) {
      const { decision } = await classifier.classify(image.bytes);
      const outcome = labels.get(image.id)?.outcome;
      assert.ok(outcome?.case === 'classified');
      const { classId, posterior, margin, logLikelihood, logEvidence, disagreement, orders, rows } = outcome.value;
      const { top, posteriors, ...expected } = decision;
      assert.deepEqual(
        { ...expected, classId, posterior, margin, logLikelihood, logEvidence, disagreement, orders, rows },
        expected,
      );
      assert.deepEqual(
        outcome.value.top.map(({ classId: id, posterior: p }) => ({ classId: id, posterior: p })),
        top,
      );
      assert.equal(posteriors.length, 8);
    }
    await classifier.close();
  });

  it('recognizes the shapes that the tiny model was trained on', async () => {
    const examples = await tinyExamples();
    const images = examples.map(({ name, bytes, classId }) => ({
      source: 'urn:test',
      id: name,
      stream: 'shapes',
      capturedAtMs: 1000,
      bytes,
      attributes: { truth: String(classId) },
    }));
    const labels = [...labelsById(await run(specOf(folder.path), images)).values()];
    const right = labels.filter(({ outcome, image }) => {
      const truth = Number(image?.attributes.find(({ name }) => name === 'truth')?.value);
      return outcome.case === 'classified' && outcome.value.classId === truth;
    });
    assert.ok(right.length >= 0.9 * examples.length, `${right.length} of ${examples.length}`);
  });

  it('reads a staged plan through several rounds, and fewer rows than the whole', async () => {
    const spec = specOf(folder.path);
    const labels = [...labelsById(await run(spec, await tinyImages(40, 2))).values()];
    const rows = labels.map(({ outcome }) => (outcome.case === 'classified' ? outcome.value.rows : 0));
    const rounds = labels.map(({ outcome }) => (outcome.case === 'classified' ? outcome.value.rounds : 0));
    assert.ok(Math.max(...rounds) > 2 && Math.min(...rounds) >= 1, `rounds ${rounds.join(' ')}`);
    assert.ok(
      rows.every((count) => count >= 8 && count <= 8 + 4 * 4),
      `rows ${rows.join(' ')}`,
    );
    assert.ok((await readTopic(log, topicNames(spec).tasksNext)).length > 0);
  });

  it('gives the same outcomes whether the stages share a log connection or each has its own', async () => {
    const images = await tinyImages(40, 3);
    const together = await run(specOf(`${folder.path}/together`), images);
    await Promise.all(running.splice(0).map((pipeline) => pipeline.stop()));
    await log.close();
    const spec = specOf(`${folder.path}/apart`);
    log = await openLog(spec);
    for (const stage of STAGES) running.push(await startPipeline(spec, { stages: [stage], ...silent }));
    await openProducer(spec, log).send(images);
    const apart = await outcomes(log, spec, images.length);
    assert.deepEqual(compareOutcomes(together, apart), { lost: 0, changed: 0, doubled: 0, unexpected: 0 });
  });

  it('sets an image aside that cannot be decoded, with its reason, and labels the others', async () => {
    const spec = specOf(folder.path);
    const images = await tinyImages(6, 5);
    const bad = { ...images[2]!, id: 'bad', bytes: images[2]!.bytes.slice(0, 60) };
    const labels = labelsById(await run(spec, [...images, bad]));
    const outcome = labels.get('bad')?.outcome;
    assert.ok(outcome?.case === 'failed' && outcome.value.code === 'IMAGE_CORRUPT', JSON.stringify(outcome));
    assert.equal([...labels.values()].filter((label) => label.outcome.case === 'classified').length, 6);
    const letters = (await readTopic(log, topicNames(spec).deadLetters)).map(decodeDeadLetter);
    assert.equal(letters.length, 1);
    assert.deepEqual(letters[0]?.headers.find(({ name }) => name === 'ce_id')?.value, 'bad');
  });

  it('sets aside even the largest record that the log takes', async () => {
    const base = specOf(folder.path);
    const spec = { ...base, images: { ...base.images, maxBytes: 100_000 } };
    log = await openLog(spec);
    const router = createRouter(topicNames(spec), spec.topics.partitions);
    const [image] = await tinyImages(1, 10);
    const most = spec.log.type === 'kafka' ? spec.log.maxRecordBytes : 8 * 2 ** 20;
    await log.publish([router.to('images', encodeImageEvent(image!, { inline: new Uint8Array(most - 1000) }))]);
    running.push(await startPipeline(spec, { stages: STAGES, log, ...silent }));
    const [record] = await outcomes(log, spec, 1);
    const { outcome } = decodeLabel(record!);
    assert.ok(outcome.case === 'failed' && outcome.value.code === 'IMAGE_TOO_LARGE');
    const [letter] = (await readTopic(log, topicNames(spec).deadLetters)).map(decodeDeadLetter);
    assert.ok(letter && letter.value.length > most - 1000);
  });

  it('gives a record that is no image an outcome of its own', async () => {
    const spec = specOf(folder.path);
    log = await openLog(spec);
    const key = new TextEncoder().encode('nobody');
    const value = new Uint8Array([1, 2, 3]);
    await log.publish([{ topic: topicNames(spec).images, partition: 0, key, headers: {}, value }]);
    running.push(await startPipeline(spec, { stages: STAGES, log, ...silent }));
    const [record] = await outcomes(log, spec, 1);
    const label = decodeLabel(record!);
    assert.ok(label.outcome.case === 'failed' && label.outcome.value.code === 'RECORD_INVALID');
    assert.equal(label.image?.source, 'urn:ordo:tiny.images');
  });

  it('expires images that are older than the pipeline allows', async () => {
    const base = specOf(folder.path);
    const spec = { ...base, images: { ...base.images, maxAgeMs: 60_000 } };
    const [old, young] = await tinyImages(2, 6);
    const labels = labelsById(await run(spec, [old!, { ...young!, capturedAtMs: Date.now() }]));
    assert.equal(labels.get('0')?.outcome.case, 'expired');
    assert.equal(labels.get('1')?.outcome.case, 'classified');
  });

  it('fetches large images by claim check', async () => {
    const base = specOf(folder.path);
    const spec = { ...base, images: { ...base.images, claimCheck: { ...base.images.claimCheck, aboveBytes: 100 } } };
    const images = await tinyImages(5, 7);
    const labels = labelsById(await run(spec, images));
    assert.ok([...labels.values()].every(({ outcome }) => outcome.case === 'classified'));
    const [record] = await readTopic(log, topicNames(spec).images);
    assert.ok(record && record.value.length < 400, 'the image went inline');
  });

  it('refuses a claim check that points outside the folders it may name', async () => {
    const spec = specOf(folder.path);
    const [image] = await tinyImages(1, 8);
    log = await openLog(spec);
    const router = createRouter(topicNames(spec), spec.topics.partitions);
    const blob = { uri: 'file:///etc/hostname', sha256: new Uint8Array(32), sizeBytes: 10 };
    await log.publish([router.to('images', encodeImageEvent(image!, { blob }))]);
    running.push(await startPipeline(spec, { stages: STAGES, log, ...silent }));
    const [record] = await outcomes(log, spec, 1);
    const label = decodeLabel(record!);
    assert.ok(label.outcome.case === 'failed' && label.outcome.value.code === 'BLOB_FORBIDDEN');
  });

  it('goes on where it stopped', async () => {
    const spec = specOf(folder.path);
    const images = await tinyImages(80, 9);
    log = await openLog(spec);
    await openProducer(spec, log).send(images);
    const first = await startPipeline(spec, { stages: STAGES, log, ...silent });
    await outcomes(log, spec, 5);
    await first.stop();
    running.push(await startPipeline(spec, { stages: STAGES, log, ...silent }));
    const records = await outcomes(log, spec, images.length);
    assert.equal(new Set(records.map(({ headers }) => headers.ce_id)).size, images.length);
    if (log.atomicCommit) assert.equal(records.length, images.length);
  });
}
