import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLog } from '../../../src/app/open-log.ts';
import { type ImageInput, openProducer } from '../../../src/app/producer.ts';
import { startService } from '../../../src/app/service.ts';
import { type PipelineSpec, STAGES, topicNames } from '../../../src/app/spec.ts';
import type { Log } from '../../../src/ports/log.ts';
import { encodeImageEvent } from '../../../src/stages/codec.ts';
import { createRouter } from '../../../src/stages/router.ts';
import { temporaryFolder } from '../folders.ts';
import { silent } from '../silent.ts';
import { tinyImages, tinySpec } from '../tiny.ts';
import { type PrometheusServer, startPrometheus } from './prometheus.ts';

/** A pipeline at work and a Prometheus that watches it. */
export interface WatchedPipeline {
  prometheus: PrometheusServer;
  stop(): Promise<void>;
}

/** Images keep coming until it is stopped. Of every ten one is damaged, and one refers to bytes that are gone. */
export async function watchPipeline(): Promise<WatchedPipeline> {
  const folder = await temporaryFolder();
  const spec = specOf(folder.path);
  const log = await openLog(spec);
  const service = await startService(spec, { stages: STAGES, log, ...silent });
  const [storage, prometheus] = await Promise.all([startStorage(), startPrometheus(new URL(service.url).host)]);
  const ending = new AbortController();
  const fed = feed(spec, log, storage, ending.signal);
  return {
    prometheus,
    async stop() {
      ending.abort();
      await fed;
      await prometheus.stop();
      await service.stop();
      await log.close();
      storage.close();
      await folder.remove();
    },
  };
}

function specOf(folder: string): PipelineSpec {
  const spec = tinySpec(folder);
  const claimCheck = { ...spec.images.claimCheck, allowHosts: ['127.0.0.1'], allowPrivate: true };
  return { ...spec, images: { ...spec.images, claimCheck } };
}

/** Storage that for each address first has no time, and then nothing. */
async function startStorage(): Promise<Server> {
  const asked = new Set<string>();
  const server = createServer(({ url = '' }, response) => {
    response.writeHead(asked.has(url) ? 404 : 503).end();
    asked.add(url);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

async function feed(spec: PipelineSpec, log: Log, storage: Server, signal: AbortSignal): Promise<void> {
  const producer = openProducer(spec, log);
  const router = createRouter(topicNames(spec), spec.topics.partitions);
  const { port } = storage.address() as AddressInfo;
  for (let round = 0; !signal.aborted; round++) {
    const [gone, damaged, ...good] = (await tinyImages(10, round)).map((image) => now(image, round));
    if (!gone || !damaged) throw new Error('too few images');
    const blob = { uri: `http://127.0.0.1:${port}/${round}`, sha256: new Uint8Array(32), sizeBytes: 10 };
    await log.publish([router.to('images', encodeImageEvent(gone, { blob }))]);
    await producer.send([{ ...damaged, bytes: damaged.bytes.slice(0, 60) }, ...good]);
    await sleep(250);
  }
}

function now(image: ImageInput, round: number): ImageInput {
  return { ...image, id: `${round}/${image.id}`, capturedAtMs: Date.now() };
}
