import { setTimeout as sleep } from 'node:timers/promises';
import { silentTelemetry } from '../../src/adapters/telemetry/silent.ts';
import { openLog } from '../../src/app/open-log.ts';
import { startPipeline } from '../../src/app/pipeline.ts';
import { openProducer } from '../../src/app/producer.ts';
import { type PipelineSpec, STAGES, topicNames } from '../../src/app/spec.ts';
import { followTopic } from '../../src/console/follow.ts';
import { uniform } from '../../src/domain/random.ts';
import { decodeLabel } from '../../src/stages/codec.ts';
import { cpuOfChildren } from '../processes/cpu.ts';
import { silent } from '../../test/support/silent.ts';

/** Images on their way when the pipeline is to be kept busy. */
const BUSY = 32;
/** The first of an open load find an idle pipeline, and do not count. */
const SETTLE = 0.2;

export interface OpenLoad {
  imagesPerSecond: number;
  images: number;
  /** Milliseconds from the scheduled arrival to the label being read, ascending. */
  latencies: number[];
}

export interface Load {
  /**
   * Images a second that the pipeline labels when there are always enough, and the processor time that each of them costs
   * beside its scores: that of this thread, which has the stages and the log, and of the decoder processes.
   */
  capacity(seconds: number): Promise<{ rate: number; besideMs: number }>;
  /** Sends images at random moments, `rate` a second on average, and waits for all labels. */
  open(rate: number, seconds: number): Promise<OpenLoad>;
  close(): Promise<void>;
}

/** Milliseconds of processor time so far, of this thread and of the processes that this one started. */
async function besideScoring(): Promise<number> {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000 + (await cpuOfChildren(process.pid));
}

/** A running pipeline, and what feeds it and reads its labels. */
export async function openLoad(spec: PipelineSpec, pictures: readonly Uint8Array[]): Promise<Load> {
  const log = await openLog(spec);
  const telemetry = silentTelemetry();
  const pipeline = await startPipeline(spec, { stages: STAGES, log, telemetry, logger: silent.logger });
  const producer = openProducer(spec, log);
  const stop = new AbortController();
  const labelled = new Map<string, number>();
  let sent = 0;
  const following = followTopic({
    log,
    topic: topicNames(spec).labels,
    tail: Number.MAX_SAFE_INTEGER,
    batch: 1000,
    signal: stop.signal,
    onRecords: (records) => {
      for (const record of records) labelled.set(decodeLabel(record).image?.id ?? '', performance.now());
    },
  });

  async function send(): Promise<string> {
    const id = String(sent++);
    const bytes = pictures[Number(id) % pictures.length] ?? new Uint8Array();
    await producer.send([{ source: 'urn:bench', id, stream: `s${sent % 8}`, capturedAtMs: 1, attributes: {}, bytes }]);
    return id;
  }

  async function settle(): Promise<void> {
    while (labelled.size < sent) await sleep(5);
  }

  async function capacity(seconds: number) {
    const started = performance.now();
    const [firstSent, usedBefore] = [sent, await besideScoring()];
    let counted: { atMs: number; done: number } | undefined;
    while (performance.now() - started < 1000 * seconds) {
      if (sent - labelled.size < BUSY) await send();
      else await sleep(1);
      if (performance.now() - started > 250 * seconds) counted ??= { atMs: performance.now(), done: labelled.size };
    }
    const { atMs = started, done = 0 } = counted ?? {};
    const rate = (1000 * (labelled.size - done)) / (performance.now() - atMs);
    await settle();
    return { rate, besideMs: ((await besideScoring()) - usedBefore) / (sent - firstSent) };
  }

  async function open(rate: number, seconds: number): Promise<OpenLoad> {
    const random = uniform(1);
    const scheduled = new Map<string, number>();
    const begun: Promise<unknown>[] = [];
    const started = performance.now();
    for (let due = started; due - started < 1000 * seconds; due += (-1000 * Math.log(1 - random())) / rate) {
      await sleep(Math.max(0, due - performance.now()));
      scheduled.set(String(sent), due);
      begun.push(send());
    }
    await Promise.all(begun);
    await settle();
    const counted = [...scheduled].filter(([, due]) => due - started > 1000 * seconds * SETTLE);
    const latencies = counted.map(([id, due]) => (labelled.get(id) ?? Number.NaN) - due).toSorted((a, b) => a - b);
    return { imagesPerSecond: Number(rate.toFixed(1)), images: counted.length, latencies };
  }

  return {
    capacity,
    open,
    close: async () => {
      stop.abort();
      await following;
      await pipeline.stop();
      await log.close();
    },
  };
}
