import type { Model } from '../adapters/onnx/model.ts';
import type { Handler } from '../ports/handler.ts';
import type { Log } from '../ports/log.ts';
import type { Logger } from '../ports/logger.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { Mutex } from '../concurrency/mutex.ts';
import { Pump } from '../runtime/pump.ts';
import { aggregateStage } from '../stages/aggregate.ts';
import type { StageContext } from '../stages/context.ts';
import { createRouter } from '../stages/router.ts';
import { scoreStage } from '../stages/score.ts';
import { tokenizeStage } from '../stages/tokenize.ts';
import { openPipelineBlobs } from './blobs.ts';
import { watchLoad } from './load-watch.ts';
import { loadPipelineModel, shapeOf } from './model.ts';
import { openLog } from './open-log.ts';
import { Resources } from './resources.ts';
import { openScoring } from './scoring.ts';
import { groupName, type PipelineSpec, type StageName, topicNames } from './spec.ts';
import { openTokenizing } from './tokenizing.ts';

export interface PipelineOptions {
  stages: readonly StageName[];
  /** A log that is open already and stays the caller's. */
  log?: Log;
  telemetry: Telemetry;
  logger: Logger;
  /** How long `stop` waits for the records in hand. */
  drainMs?: number;
}

export interface RunningPipeline {
  readonly model: Model;
  /** What keeps stages, or partitions of theirs, from making progress, in words; empty when nothing does. */
  troubles(): string[];
  /** What keeps whole stages from making progress, and records that hang, in words; empty when nothing does. */
  obstacles(): string[];
  /** Stages that have ended though nobody stopped them. */
  ended(): StageName[];
  /** Settles when all stages have ended; rejects with the error of the first that failed for good. */
  readonly done: Promise<void>;
  /** Drains the stages and closes everything, once. */
  stop(): Promise<void>;
}

/** Records in hand at a time; the scorer's come from the pipeline file. */
const IN_FLIGHT = { tokenize: 16, aggregate: 256 };

/** Runs stages of a pipeline in this process. Errors: those of the log, the model and the pipeline file. */
export async function startPipeline(spec: PipelineSpec, options: PipelineOptions): Promise<RunningPipeline> {
  const resources = new Resources();
  try {
    const model = await loadPipelineModel(spec);
    const log = options.log ?? resources.own(await openLog(spec, { logger: options.logger }));
    const handlers: [StageName, Handler][] = [];
    for (const stage of options.stages) {
      handlers.push([stage, await openStage(stage, spec, model, { ...options, log }, resources)]);
    }
    const alone = new Mutex();
    const pumps = handlers.map(([stage, handler]): [StageName, Pump] => [
      stage,
      pumpOf(stage, handler, log, spec, options, alone),
    ]);
    return running(model, pumps, resources);
  } catch (error) {
    await resources.close();
    throw error;
  }
}

async function openStage(
  stage: StageName,
  spec: PipelineSpec,
  model: Model,
  options: PipelineOptions & { log: Log },
  resources: Resources,
): Promise<Handler> {
  const { telemetry } = options;
  const context = contextOf(spec, model, telemetry);
  if (stage === 'aggregate') return aggregateStage(context);
  if (stage === 'score') return scoreStage(context, await openScoring(spec, model, telemetry, resources));
  const tokenizer = await openTokenizing(spec, model, resources);
  const load = resources.own(watchLoad(spec, options));
  return tokenizeStage({ ...context, ceiling: () => load.ceiling() }, { tokenizer, blobs: openPipelineBlobs(spec) });
}

function contextOf(spec: PipelineSpec, model: Model, telemetry: Telemetry): StageContext {
  const { maxAgeMs } = spec.images;
  return {
    router: createRouter(topicNames(spec), spec.topics.partitions),
    model: shapeOf(model),
    rule: spec.decision,
    ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
    telemetry,
    now: Date.now,
  };
}

function pumpOf(
  stage: StageName,
  handler: Handler,
  log: Log,
  spec: PipelineSpec,
  options: PipelineOptions,
  alone: Mutex,
): Pump {
  return new Pump({
    log,
    handler,
    telemetry: options.telemetry,
    logger: options.logger,
    alone,
    group: groupName(spec, stage),
    maxInFlight: stage === 'score' ? spec.scoring.maxImages : IN_FLIGHT[stage],
    sessionTimeoutMs: spec.log.sessionTimeoutMs,
    drainMs: options.drainMs ?? 3000,
  });
}

function running(model: Model, pumps: readonly [StageName, Pump][], resources: Resources): RunningPipeline {
  const ended = new Set<StageName>();
  for (const [stage, { done }] of pumps) void done.catch(() => {}).finally(() => ended.add(stage));
  const done = allOf(pumps.map(([, pump]) => pump.done));
  done.catch(() => {});
  const stop = async () => {
    const stopped = await Promise.allSettled(pumps.map(([, pump]) => pump.stop()));
    await resources.close();
    for (const result of stopped) if (result.status === 'rejected') throw result.reason;
  };
  const told = (what: (pump: Pump) => string | undefined) =>
    pumps.flatMap(([stage, pump]) => {
      const words = what(pump);
      return words ? [`${stage}: ${words}`] : [];
    });
  let stopping: Promise<void> | undefined;
  return {
    model,
    troubles: () => told(({ trouble }) => trouble),
    obstacles: () => told(({ obstacle }) => obstacle),
    ended: () => (stopping ? [] : [...ended]),
    done,
    stop: () => (stopping ??= stop()),
  };
}

async function allOf(promises: readonly Promise<void>[]): Promise<void> {
  await Promise.all(promises);
}
