import { join } from 'node:path';
import type { PipelineSpec } from '../spec.ts';
import { byId, type Comparison, compareOutcomes } from './outcomes.ts';
import type { Harm } from './plan.ts';
import { type RunOptions, type RunResult, runWithFaults } from './run.ts';
import { discardLog, requireFresh } from './workspace.ts';

export interface VerifyOptions extends RunOptions {
  /** A folder for what the runs write on this machine: it is the caller's to remove. */
  folder: string;
  /** Before the names of all topics and groups on Kafka. */
  prefix: string;
  /** Leaves the topics on Kafka. */
  keep?: boolean;
  /** Told when a run begins. */
  onRun?: (name: 'undisturbed' | 'disturbed') => void;
}

export interface Verdict extends Comparison {
  images: number;
  /** Faults that happened, by their kind. */
  faults: Partial<Record<Harm['kind'], number>>;
  /** Outcomes of the disturbed run, each as often as it is there. */
  outcomes: number;
  /** Records published again on purpose. */
  duplicated: number;
  /** Processes that ended though nobody made them. */
  endings: number;
  /** Whether each image has its outcome and no other, and none more often than the log allows. */
  passed: boolean;
}

/**
 * Runs a pipeline twice over the same images, undisturbed and with faults, each time on a log of its own, and compares
 * the outcomes. An image without an outcome in either run is lost.
 * Errors: those of the log, LOG_TOPIC_CONFLICT if there are topics under the prefix, STOPPED.
 */
export async function verify(spec: PipelineSpec, options: VerifyOptions): Promise<Verdict> {
  const undisturbed = await oneRun(spec, 'undisturbed', { ...options, faults: [] });
  const disturbed = await oneRun(spec, 'disturbed', options);
  return verdictOf(undisturbed, disturbed, options);
}

async function oneRun(spec: PipelineSpec, name: 'undisturbed' | 'disturbed', options: VerifyOptions) {
  options.onRun?.(name);
  const own = specOf(spec, name, options);
  await requireFresh(own);
  const discard = async () => (options.keep ? undefined : discardLog(own));
  try {
    const result = await runWithFaults(own, options);
    await discard();
    return result;
  } catch (error) {
    // What went wrong says more than that the topics cannot be deleted either.
    await discard().catch(() => {});
    throw error;
  }
}

/**
 * The pipeline on a log of the run's own, which keeps everything. No image expires, and none is read in fewer orders for
 * the load: either depends on when the image was read, which is not the same in both runs.
 */
export function specOf(
  { load: _load, ...spec }: PipelineSpec,
  name: 'undisturbed' | 'disturbed',
  { folder, prefix }: Pick<VerifyOptions, 'folder' | 'prefix'>,
): PipelineSpec {
  const { maxAgeMs: _maxAgeMs, ...images } = spec.images;
  const letter = name === 'undisturbed' ? 'a' : 'b';
  const log =
    spec.log.type === 'kafka'
      ? { ...spec.log, prefix: `${prefix}${letter}.`, manageTopics: true }
      : { ...spec.log, folder: join(folder, name) };
  const claimCheck = { ...images.claimCheck, folder: join(folder, name, 'blobs') };
  return { ...spec, log, topics: { ...spec.topics, retention: {} }, images: { ...images, claimCheck } };
}

/** Judges a run with faults by an undisturbed one. */
export function verdictOf(
  undisturbed: RunResult,
  disturbed: RunResult,
  { images, faults }: Pick<VerifyOptions, 'images' | 'faults'>,
): Verdict {
  const compared = compareOutcomes(undisturbed.outcomes, disturbed.outcomes);
  const lost = compared.lost + Math.max(0, images - byId(undisturbed.outcomes).size);
  const mayDouble = !disturbed.atomicCommit || disturbed.duplicated > 0;
  const wrong = lost + compared.changed + compared.unexpected + (mayDouble ? 0 : compared.doubled);
  return {
    images,
    faults: Object.fromEntries(
      [...Map.groupBy(faults, ({ harm }) => harm.kind)].map(([kind, all]) => [kind, all.length]),
    ),
    outcomes: disturbed.outcomes.length,
    ...compared,
    lost,
    duplicated: disturbed.duplicated,
    endings: disturbed.endings,
    passed: wrong === 0 && disturbed.settled,
  };
}
