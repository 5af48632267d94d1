import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { silentTelemetry } from '../../src/adapters/telemetry/silent.ts';
import { openLog } from '../../src/app/open-log.ts';
import { startPipeline } from '../../src/app/pipeline.ts';
import { type ImageInput, openProducer } from '../../src/app/producer.ts';
import { type PipelineSpec, STAGES } from '../../src/app/spec.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import { kafkaBrokerProcess } from '../../test/support/kafka/kafka.ts';
import { temporaryFolder } from '../../test/support/folders.ts';
import { silent } from '../../test/support/silent.ts';
import { tinySpec } from '../../test/support/tiny.ts';
import { kafkaLog } from '../processes/specs.ts';
import { type Contender, Meter, type Setup } from './contender.ts';

/** Orders of an image, read over all classes. */
const ORDERS = 8;

/** Images on their way: enough that tiles fill. */
const IMAGES = 12;

/** Different images, made before the clock runs. */
const PICTURES = 64;

/** The whole pipeline on the embedded log, all stages in this process, fed with images of noise. */
export async function openPipeline(setup: Setup): Promise<Contender> {
  return openOn(setup, 'pipeline', {});
}

/** The same on Kafka; the broker runs on this machine too. */
export async function openPipelineOnKafka(setup: Setup): Promise<Contender> {
  const broker = await kafkaBrokerProcess('steady');
  const pipeline = await openOn(setup, 'pipeline, Kafka', { log: kafkaLog(broker) });
  return { ...pipeline, close: () => pipeline.close().then(() => broker.stop()) };
}

async function openOn(
  { model, workers, tileRows, prefix }: Setup,
  name: string,
  overrides: Partial<PipelineSpec>,
): Promise<Contender> {
  const folder = await temporaryFolder();
  const tiny = tinySpec(folder.path, overrides);
  const spec = {
    ...tiny,
    model: model.folder,
    scoring: { ...tiny.scoring, workers, tileRows },
    decision: { ...tiny.decision, plan: { kind: 'fixed' as const, orders: ORDERS, prefix } },
  };
  const fed = { pictures: await noisePictures(PICTURES), most: IMAGES };
  const pipeline = await openFed(name, spec, fed);
  return { ...pipeline, close: () => pipeline.close().then(folder.remove) };
}

/** A whole pipeline in this process, fed with pictures over and over, `most` of them on their way. */
export async function openFed(
  name: string,
  spec: PipelineSpec,
  { pictures, most }: { pictures: readonly Uint8Array[]; most: number },
): Promise<Contender> {
  let meter = new Meter(0);
  let sent = 0;
  let done = 0;
  const telemetry: Telemetry = {
    ...silentTelemetry(),
    count: (metric, _labels, value = 1) => {
      if (metric === 'ordo_rows_total') meter.add(value);
      if (metric === 'ordo_images_total') done += value;
    },
  };
  const log = await openLog(spec);
  const producer = openProducer(spec, log);
  const pipeline = await startPipeline(spec, { stages: STAGES, log, telemetry, logger: silent.logger });

  async function settle(left: number): Promise<void> {
    while (sent - done > left) await sleep(5);
  }

  function next(): ImageInput {
    const index = sent++;
    const bytes = pictures[index % pictures.length] ?? new Uint8Array();
    return { source: 'urn:bench', id: String(index), stream: `s${index % 4}`, capturedAtMs: 1, attributes: {}, bytes };
  }

  return {
    name,
    slice: async (ms) => {
      meter = new Meter(ms);
      const end = performance.now() + ms;
      while (performance.now() < end) {
        await producer.send([next()]);
        await settle(most);
      }
      await settle(0);
      return meter.slice();
    },
    close: async () => {
      await pipeline.stop();
      await log.close();
    },
  };
}

/** Different pictures of noise, PNG. */
export function noisePictures(count: number): Promise<Uint8Array[]> {
  return Promise.all(Array.from({ length: count }, noise));
}

async function noise(): Promise<Uint8Array> {
  const raw = { width: 32, height: 32, channels: 3 as const };
  const pixels = Buffer.from(Array.from({ length: 32 * 32 * 3 }, () => Math.floor(Math.random() * 256)));
  return new Uint8Array(await sharp(pixels, { raw }).png().toBuffer());
}
