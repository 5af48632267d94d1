import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { loadModel, type Model } from '../../adapters/onnx/model.ts';
import { randomTile } from '../../adapters/onnx/parity.ts';
import { openOnnxScorer } from '../../adapters/onnx/scorer.ts';
import { OrdoError } from '../../errors.ts';
import type { Scorer } from '../../ports/scorer.ts';
import { prefixesToTry } from '../model.ts';
import type { PipelineSpec } from '../spec.ts';

const shape = z.object({
  tileRows: z.int().positive(),
  prefix: z.int().positive(),
  /** All workers together. */
  rowsPerSecond: z.number().positive(),
  /** One tile in one worker while all work, median. */
  tileMs: z.number().positive(),
});

const machine = z.object({
  /** SHA-256 of the model's manifest, hex. */
  model: z.string(),
  provider: z.string(),
  precision: z.string(),
  cpu: z.string(),
  workers: z.int().positive(),
  shapes: z.array(shape).min(1),
});

export type TileSpeed = z.infer<typeof shape>;

/** How fast one scoring process is on a machine. */
export type MachineProfile = z.infer<typeof machine>;

/**
 * Scores tiles of random rows, two in line for each worker, for `seconds` a shape.
 * Errors: those of loading the model, of opening the scorer, and of the scorer.
 */
export async function measureMachine(
  spec: PipelineSpec,
  tileRows: readonly number[],
  seconds: number,
  open: typeof openOnnxScorer = openOnnxScorer,
): Promise<MachineProfile> {
  const model = await loadModel(spec.model);
  const shapes: TileSpeed[] = [];
  let profile: Scorer['profile'] | undefined;
  for (const rows of tileRows) {
    const scorer = await open(model, { ...spec.scoring, tileRows: rows });
    profile = scorer.profile;
    try {
      for (const prefix of prefixesToTry(model, spec.decision)) {
        shapes.push(await speedOf(scorer, model, prefix, seconds));
      }
    } finally {
      await scorer.close();
    }
  }
  const { provider = '', precision = '', cpu = '' } = profile ?? {};
  return { model: model.digestHex, provider, precision, cpu, workers: spec.scoring.workers, shapes };
}

async function speedOf(scorer: Scorer, model: Model, prefix: number, seconds: number): Promise<TileSpeed> {
  const { tileRows, parallelism } = scorer;
  const tile = randomTile(model.manifest, tileRows, prefix);
  const started = performance.now();
  const ended: number[] = [];
  const keepBusy = async () => {
    do {
      await scorer.score(tile);
      ended.push(performance.now());
    } while (performance.now() - started < 1000 * seconds);
  };
  await Promise.all(Array.from({ length: 2 * parallelism }, keepBusy));
  const tilesPerMs = ended.length / ((ended.at(-1) ?? started) - started);
  const rowsPerSecond = 1000 * tilesPerMs * tileRows;
  return { tileRows, prefix, rowsPerSecond: rounded(rowsPerSecond), tileMs: rounded(parallelism / tilesPerMs) };
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** What a profile must have been measured with to tell of a pipeline. */
type Measured = Pick<MachineProfile, 'model' | 'provider' | 'precision'>;

/**
 * Reads what `ordo bench --out` wrote. Errors: INPUT_NOT_FOUND; PROFILE_INVALID, also where it was measured with another
 * model than is wanted, or in another precision by the same provider.
 */
export async function readMachine(path: string, wanted: Measured): Promise<MachineProfile> {
  const found = await parseMachine(path);
  if (found.model !== wanted.model) {
    throw invalid(path, `was measured with model ${found.model}, the pipeline's is ${wanted.model}`);
  }
  if (found.provider === wanted.provider && found.precision !== wanted.precision) {
    throw invalid(path, `was measured in ${found.precision}, the pipeline's precision is ${wanted.precision}`);
  }
  return found;
}

async function parseMachine(path: string): Promise<MachineProfile> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new OrdoError('INPUT_NOT_FOUND', `${path} is not there or cannot be read`, { cause });
  });
  try {
    return machine.parse(JSON.parse(text));
  } catch (cause) {
    throw invalid(path, 'is not what ordo bench writes', cause);
  }
}

function invalid(path: string, why: string, cause?: unknown): OrdoError {
  return new OrdoError('PROFILE_INVALID', `${path} ${why}`, { cause });
}
