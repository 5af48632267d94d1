import { openRecorder } from '../../src/app/evidence/recorder.ts';
import { measureMachine } from '../../src/app/planning/machine.ts';
import { type ImageWork, simulate } from '../../src/app/planning/simulation.ts';
import type { PipelineSpec } from '../../src/app/spec.ts';
import { at } from '../../src/domain/at.ts';
import { prefixesOf } from '../../src/domain/rounds.ts';
import { readingsOf, replay } from '../../src/domain/replay.ts';

/** Orders that the shipped plan may ask for. */
const ORDERS = 8;
/** Of each step through the embedded log, as `ordo plan` assumes. */
const HOP_MS = 10;
const MACHINE_SECONDS = 4;
const COUNT = 4000;

export interface Expected {
  /** Images a second if all tiles were full and an image cost `besideMs` of processor time beside its scores. */
  capacity(besideMs: number): number;
  /** What `ordo plan --beside` expects of a load on one process. */
  latency(rate: number, maxDelayMs: number, besideMs: number): { medianMs: number; p99Ms: number };
}

/** What `ordo plan` would say of these pictures on this machine. */
export async function expectations(spec: PipelineSpec, pictures: readonly Uint8Array[]): Promise<Expected> {
  const { workers, tileRows, maxImages } = spec.scoring;
  const { shapes } = await measureMachine(spec, [tileRows], MACHINE_SECONDS);
  const tileMs = (prefix: number) => shapes.find((shape) => shape.prefix === prefix)?.tileMs ?? Number.NaN;
  const images = await worksOf(spec, pictures);
  const timeOf = (work: ImageWork) =>
    work.reduce((sum, { prefix, rows }) => sum + (rows / tileRows) * tileMs(prefix), 0);
  const workerMs = images.reduce((sum, work) => sum + timeOf(work), 0) / images.length;
  return {
    capacity: (besideMs) => (1000 * workers) / (workerMs + besideMs),
    latency: (rate, maxDelayMs, besideMs) => {
      const common = { workers, tileRows, maxImages, maxDelayMs, tileMs, hopMs: HOP_MS, besideMs };
      const { latencies } = simulate({ ...common, images, rate, processes: 1, count: COUNT });
      const quantile = (share: number) => Number(at(latencies, Math.floor(share * latencies.length)).toFixed(1));
      return { medianMs: quantile(0.5), p99Ms: quantile(0.99) };
    },
  };
}

async function worksOf(spec: PipelineSpec, pictures: readonly Uint8Array[]): Promise<ImageWork[]> {
  const recorder = await openRecorder(spec, ORDERS);
  try {
    const recorded = await Promise.all(pictures.map((picture) => recorder.record(picture)));
    return recorded.map(({ perToken, proposal }) => {
      const readings = { ...readingsOf(perToken, recorder.header, prefixesOf(spec.decision.plan)), proposal };
      return replay(spec.decision, readings).rounds;
    });
  } finally {
    await recorder.close();
  }
}
