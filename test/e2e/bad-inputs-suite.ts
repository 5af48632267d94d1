import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { openLog } from '../../src/app/open-log.ts';
import { startPipeline } from '../../src/app/pipeline.ts';
import { openProducer } from '../../src/app/producer.ts';
import { type PipelineSpec, STAGES, topicNames } from '../../src/app/spec.ts';
import { partitionOf } from '../../src/domain/partition.ts';
import { isErrorCode } from '../../src/errors.ts';
import type { NewRecord } from '../../src/ports/log.ts';
import { decodeDeadLetter, decodeLabel } from '../../src/stages/codec.ts';
import { temporaryFolder } from '../support/folders.ts';
import { badImages } from '../support/images.ts';
import { readTopic } from '../../src/app/verify/outcomes.ts';
import { outcomes } from '../support/outcomes.ts';
import { silent } from '../support/silent.ts';
import { tinyImages } from '../support/tiny.ts';

const IMAGES = 850;
const RECORDS = 150;
const MEMORY_CAP = 1.5 * 2 ** 30;

/** What 1,000 bad inputs do to a pipeline of the tiny model. */
export function badInputsSuite(specOf: (folder: string) => PipelineSpec): void {
  it('gives each of 1,000 bad inputs an outcome, a failed one with its dead letter and code, within its memory', async () => {
    const folder = await temporaryFolder();
    const spec = specOf(folder.path);
    const log = await openLog(spec);
    const pipeline = await startPipeline(spec, { stages: STAGES, log, ...silent });
    let peak = 0;
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
    try {
      const producer = openProducer(spec, log);
      const bad = await badImages(2026, IMAGES);
      for (const [index, { name, bytes }] of bad.entries()) {
        const image = { source: 'urn:bad', id: name, stream: `s${index % 3}`, capturedAtMs: 1, attributes: {}, bytes };
        await producer.send([image]);
      }
      await log.publish(Array.from({ length: RECORDS }, (_, index) => badRecord(index, spec)));
      const [good] = await tinyImages(1, 3);
      await producer.send([good!]);

      const labels = (await outcomes(log, spec, IMAGES + RECORDS + 1, 120_000)).map(decodeLabel);
      assert.equal(labels.length, IMAGES + RECORDS + 1);
      const failed = labels.flatMap(({ outcome }) => (outcome.case === 'failed' ? [outcome.value.code] : []));
      assert.ok(failed.length > 800, `only ${failed.length} failed`);
      assert.deepEqual(
        failed.filter((code) => !isErrorCode(code) || code === 'INTERNAL'),
        [],
      );
      const letters = (await readTopic(log, topicNames(spec).deadLetters)).map(decodeDeadLetter);
      assert.deepEqual(letters.map(({ code }) => code).sort(), failed.sort());
      assert.equal(labels.find(({ image }) => image?.source === good!.source)?.outcome.case, 'classified');
      assert.deepEqual(pipeline.ended(), []);
      assert.ok(peak < MEMORY_CAP, `${Math.round(peak / 2 ** 20)} MiB`);
    } finally {
      clearInterval(watch);
      await pipeline.stop();
      await log.close();
      await folder.remove();
    }
  }).timeout(180_000);
}

/** Records of the wrong schema, of no schema, without headers, on every topic that a stage reads. */
function badRecord(index: number, spec: PipelineSpec): NewRecord {
  const { images, tasks, tasksNext, evidence } = topicNames(spec);
  const topic = [images, tasks, tasksNext, evidence][index % 4] ?? images;
  const type = ['ordo.image.v1', 'ordo.task.v1', 'ordo.evidence.v1', 'ordo.label.v1', 'other', ''][index % 6] ?? '';
  const headers = index % 5 === 0 ? {} : { ce_type: type, ce_source: 'urn:bad', ce_id: `record ${index}` };
  const key = randomBytes(index % 9);
  return { topic, partition: partitionOf(key, spec.topics.partitions), key, headers, value: randomBytes(index % 100) };
}
