import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLog } from '../../src/app/open-log.ts';
import { type ImageInput, openProducer } from '../../src/app/producer.ts';
import { type PipelineSpec, STAGES, type StageName, topicNames } from '../../src/app/spec.ts';
import type { Log, LogRecord } from '../../src/ports/log.ts';
import { countOf, outcomes } from './outcomes.ts';
import { seeded } from './random.ts';

export interface CrashRun {
  images: readonly ImageInput[];
  kills: number;
  seed: number;
  /** How long to wait for the outcomes after the last kill. */
  limitMs: number;
  onKill?: (kill: number, stage: StageName, outcomes: number) => void;
}

/**
 * Feeds images into a pipeline whose stages run in a process each, while processes are killed with SIGKILL at seeded
 * random moments of its progress and started again, and gives all outcomes. With 0 kills it is the undisturbed run.
 */
export async function crashRun(spec: PipelineSpec, run: CrashRun): Promise<LogRecord[]> {
  const log = await openLog(spec);
  const processes = new Map(STAGES.map((stage) => [stage, startStage(spec, stage)]));
  try {
    await feedAndKill(spec, log, run, processes);
    const found = await outcomes(log, spec, run.images.length, run.limitMs);
    return found;
  } finally {
    for (const child of processes.values()) child.kill('SIGKILL');
    await log.close();
  }
}

async function feedAndKill(
  spec: PipelineSpec,
  log: Log,
  { images, kills, seed, onKill }: CrashRun,
  processes: Map<StageName, ChildProcess>,
): Promise<void> {
  const producer = openProducer(spec, log);
  const random = seeded(seed);
  const share = Math.ceil(images.length / (kills + 1));
  for (let kill = 0; kill <= kills; kill++) {
    const batch = images.slice(kill * share, (kill + 1) * share);
    for (let at = 0; at < batch.length; at += 50) await producer.send(batch.slice(at, at + 50));
    if (kill === kills) return;
    await progress(spec, log, Math.floor((kill + random()) * share * 0.9), random() * 300);
    const stage = STAGES[Math.floor(random() * STAGES.length)] ?? 'score';
    processes.get(stage)?.kill('SIGKILL');
    onKill?.(kill + 1, stage, await countOf(log, topicNames(spec).labels));
    processes.set(stage, startStage(spec, stage));
  }
}

/** Waits for the moment of a kill: until there are `count` outcomes, though not for ever, and then `moreMs`. */
async function progress(spec: PipelineSpec, log: Log, count: number, moreMs: number): Promise<void> {
  const end = Date.now() + 20_000;
  while (Date.now() < end && (await countOf(log, topicNames(spec).labels)) < count) await sleep(20);
  await sleep(moreMs);
}

function startStage(spec: PipelineSpec, stage: StageName): ChildProcess {
  return fork(join(import.meta.dirname, 'stage-process.ts'), [JSON.stringify(spec), stage], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { ...process.env, ORDO_LOG_LEVEL: 'error' },
  });
}
