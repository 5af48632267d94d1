import assert from 'node:assert/strict';
import { compareOutcomes, countOf } from '../../src/app/verify/outcomes.ts';
import { openLog } from '../../src/app/open-log.ts';
import { type RunningPipeline, startPipeline } from '../../src/app/pipeline.ts';
import { openProducer } from '../../src/app/producer.ts';
import { type PipelineSpec, STAGES, type StageName, topicNames } from '../../src/app/spec.ts';
import type { Log, LogRecord } from '../../src/ports/log.ts';
import { temporaryFolder } from '../support/folders.ts';
import { describeWithKafka, describeWithKafkaProcess } from '../support/kafka/describe.ts';
import { tinyOnKafka } from '../support/kafka/spec.ts';
import { outcomes } from '../support/outcomes.ts';
import { silent } from '../support/silent.ts';
import { tinyImages, tinySpec } from '../support/tiny.ts';

type Folder = Awaited<ReturnType<typeof temporaryFolder>>;

/** What is opened during a test, and closed after it. */
class Stand {
  readonly folder: Folder;
  readonly #running: RunningPipeline[] = [];
  readonly #logs: Log[] = [];

  constructor(folder: Folder) {
    this.folder = folder;
  }

  async open(spec: PipelineSpec): Promise<Log> {
    const log = await openLog(spec);
    this.#logs.push(log);
    return log;
  }

  async start(spec: PipelineSpec, stages: readonly StageName[] = STAGES): Promise<RunningPipeline> {
    const pipeline = await startPipeline(spec, { stages, log: await this.open(spec), ...silent });
    this.#running.push(pipeline);
    return pipeline;
  }

  /** The outcomes of the same images on the embedded log. */
  async embedded(count: number, seed: number): Promise<LogRecord[]> {
    const spec = tinySpec(this.folder.path);
    const log = await this.open(spec);
    await openProducer(spec, log).send(await tinyImages(count, seed));
    const pipeline = await startPipeline(spec, { stages: STAGES, log, ...silent });
    this.#running.push(pipeline);
    return outcomes(log, spec, count);
  }

  async close(): Promise<void> {
    await Promise.all(this.#running.map((pipeline) => pipeline.stop()));
    await Promise.all(this.#logs.map((log) => log.close()));
    await this.folder.remove();
  }
}

describe('a pipeline on Kafka', () => {
  let stand: Stand;
  beforeEach(async () => {
    stand = new Stand(await temporaryFolder());
  });
  afterEach(() => stand.close());

  describeWithKafka('with a broker', (broker) => {
    it('gives the outcomes of the embedded log, byte for byte, each once', async () => {
      const expected = await stand.embedded(80, 3);
      const spec = tinyOnKafka(stand.folder.path, broker().brokers);
      const log = await stand.open(spec);
      await openProducer(spec, log).send(await tinyImages(80, 3));
      await stand.start(spec);
      const found = await outcomes(log, spec, 80);
      assert.deepEqual(compareOutcomes(expected, found), { lost: 0, changed: 0, doubled: 0, unexpected: 0 });
    }).timeout(60_000);

    it('is shared by processes that come and go while it runs', async () => {
      const expected = await stand.embedded(200, 4);
      const spec = tinyOnKafka(stand.folder.path, broker().brokers);
      const log = await stand.open(spec);
      await stand.start(spec);
      const images = await tinyImages(200, 4);
      for (let start = 0; start < images.length; start += 50) {
        await openProducer(spec, log).send(images.slice(start, start + 50));
        const guest = await stand.start(spec, ['score', 'aggregate']);
        while ((await countOf(log, topicNames(spec).labels)) < start + 25) await new Promise((r) => setTimeout(r, 20));
        await guest.stop();
      }
      const found = await outcomes(log, spec, 200);
      const { lost, changed, unexpected } = compareOutcomes(expected, found);
      assert.deepEqual({ lost, changed, unexpected }, { lost: 0, changed: 0, unexpected: 0 });
    }).timeout(90_000);
  });

  describeWithKafkaProcess('whose broker is killed', (broker) => {
    it('waits, says so, and goes on with nothing lost or changed', async () => {
      const expected = await stand.embedded(60, 6);
      const spec = tinyOnKafka(stand.folder.path, broker().brokers);
      const log = await stand.open(spec);
      const pipeline = await stand.start(spec);
      const images = await tinyImages(60, 6);
      await openProducer(spec, log).send(images.slice(0, 30));
      await outcomes(log, spec, 10);
      await broker().kill();
      while (pipeline.troubles().length === 0) await new Promise((r) => setTimeout(r, 50));
      assert.match(pipeline.troubles().join(), /LOG_UNAVAILABLE/);
      await broker().start();
      await openProducer(spec, log).send(images.slice(30));
      const found = await outcomes(log, spec, 60, 60_000);
      const { lost, changed, unexpected } = compareOutcomes(expected, found);
      assert.deepEqual({ lost, changed, unexpected }, { lost: 0, changed: 0, unexpected: 0 });
      assert.deepEqual(pipeline.ended(), []);
    }).timeout(120_000);
  });
});
