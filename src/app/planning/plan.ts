import { at } from '../../domain/at.ts';
import type { LabelledReadings } from '../../domain/plan-search.ts';
import { replay } from '../../domain/replay.ts';
import { OrdoError } from '../../errors.ts';
import type { PipelineSpec } from '../spec.ts';
import type { MachineProfile } from './machine.ts';
import { type ImageWork, simulate } from './simulation.ts';

/** What is wanted of a pipeline. */
export interface Demand {
  /** Images a second. */
  rate: number;
  /** From an image's arrival to its label, for 99 of 100 images. */
  latencyMs: number;
  /** Of each step through the log. */
  hopMs: number;
  /** Processor time of an image beside its scores, on the scorers' cores. */
  besideMs: number;
}

export interface Deployment {
  /** Share of the recorded images that the pipeline's plan labels right. */
  accuracy: number;
  /** Of an image, mean. */
  rounds: number;
  rows: number;
  /** Time of one worker that an image takes, mean, were all tiles full. */
  workerMs: number;
  /** Images a second that one process has room for, were all tiles full. */
  capacity: number;
  processes: number;
  partitions: number;
  /** Records behind, a process, above which another is worth adding. */
  lagThreshold: number;
  simulated: { medianMs: number; p99Ms: number; utilization: number };
}

/** Images of one simulation. */
const COUNT = 4000;
/** Above this share of the capacity, waits grow without bounds at the first disturbance. */
const MOST_LOAD = 0.9;
/** Below this share nothing waits for anything, and more processes do not help. */
const LEAST_LOAD = 0.02;
const MOST_PROCESSES = 1024;
/** Of a topic, in a pipeline file. */
const MOST_PARTITIONS = 1024;

/**
 * How many scoring processes a demand takes, by simulation with the measured speed of tiles; undefined where no number
 * of them is fast enough.
 * Errors: PROFILE_INVALID where the tiles of the pipeline were not measured.
 */
export function planDeployment(
  images: readonly LabelledReadings[],
  spec: PipelineSpec,
  machine: MachineProfile,
  demand: Demand,
): Deployment | undefined {
  const { tileRows, maxDelayMs, maxImages } = spec.scoring;
  const speeds = tileSpeeds(machine, tileRows);
  const replayed = images.map(({ readings, label }) => ({ label, ...replay(spec.decision, readings) }));
  const works = replayed.map(({ rounds }) => rounds);
  const mean = (of: (work: ImageWork) => number) => works.reduce((sum, work) => sum + of(work), 0) / works.length;
  const workerMs = mean((work) => work.reduce((sum, { prefix, rows }) => sum + (rows / tileRows) * speeds(prefix), 0));
  const capacity = (1000 * machine.workers) / (workerMs + demand.besideMs);
  const { rate, latencyMs, hopMs, besideMs } = demand;
  const common = { images: works, rate, workers: machine.workers, tileRows, maxDelayMs, maxImages, hopMs, besideMs };
  const first = Math.ceil(rate / (capacity * MOST_LOAD));
  for (let processes = first; processes <= MOST_PROCESSES; processes += Math.ceil(processes / 8)) {
    const { latencies, utilization } = simulate({ ...common, processes, tileMs: speeds, count: COUNT });
    const [medianMs, p99Ms] = [0.5, 0.99].map((share) => at(latencies, Math.floor(share * latencies.length)));
    if (medianMs === undefined || p99Ms === undefined) return undefined;
    if (p99Ms > latencyMs && utilization < LEAST_LOAD) return undefined;
    if (p99Ms > latencyMs) continue;
    return {
      accuracy: replayed.filter(({ decision, label }) => decision.classId === label).length / replayed.length,
      rounds: mean((work) => work.length),
      rows: mean((work) => work.reduce((sum, { rows }) => sum + rows, 0)),
      workerMs,
      capacity,
      processes,
      partitions: Math.min(MOST_PARTITIONS, 2 ** Math.ceil(Math.log2(2 * processes))),
      lagThreshold: Math.max(1, Math.floor(((latencyMs - medianMs) / 1000) * capacity)),
      simulated: { medianMs, p99Ms, utilization },
    };
  }
  return undefined;
}

function tileSpeeds({ shapes }: MachineProfile, tileRows: number): (prefix: number) => number {
  const byPrefix = new Map(shapes.filter((one) => one.tileRows === tileRows).map((one) => [one.prefix, one.tileMs]));
  return (prefix) => {
    const tileMs = byPrefix.get(prefix);
    if (tileMs !== undefined) return tileMs;
    throw new OrdoError('PROFILE_INVALID', `tiles of ${tileRows} rows and prefix ${prefix} were not measured`);
  };
}
