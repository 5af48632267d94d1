import { type HealthOptions, type HealthServer, startHealthServer } from '../adapters/http/health.ts';
import { prometheusTelemetry } from '../adapters/telemetry/prometheus.ts';
import { startTracing, type Tracing } from '../adapters/telemetry/tracing.ts';
import type { Log } from '../ports/log.ts';
import type { Logger } from '../ports/logger.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { startBlobCollection } from './blob-collection.ts';
import { stageLag } from './lag.ts';
import { openLog } from './open-log.ts';
import { type RunningPipeline, startPipeline } from './pipeline.ts';
import { Resources } from './resources.ts';
import type { PipelineNames, PipelineSpec, StageName } from './spec.ts';

export interface ServiceOptions {
  stages: readonly StageName[];
  logger: Logger;
  /** A log that is open already and stays the caller's. */
  log?: Log;
  /** What the health server serves besides. */
  plugins?: HealthOptions['plugins'];
}

/** Stages of a pipeline with all that a process of them offers: metrics, traces, health. */
export interface Service {
  /** Of the health server. */
  readonly url: string;
  readonly pipeline: RunningPipeline;
  /** Drains the stages and closes everything. */
  stop(): Promise<void>;
}

/** Starts a service. Errors: those of starting the pipeline, PORT_IN_USE, and USAGE for a host that is not of this machine. */
export async function startService(spec: PipelineSpec, { plugins = [], ...options }: ServiceOptions): Promise<Service> {
  const resources = new Resources();
  try {
    const tracing = await tracingOf(spec, options.logger);
    if (tracing) resources.own({ close: tracing.shutdown });
    const { telemetry, scrape } = prometheusTelemetry(tracing ? { span: tracing.span } : {});
    const log = options.log ?? resources.own(await openLog(spec, { logger: options.logger }));
    if (options.stages.includes('tokenize')) resources.own(startBlobCollection(spec, { ...options, log }));
    const pipeline = await startPipeline(spec, { ...options, telemetry, log });
    resources.own({ close: () => pipeline.stop() });
    const measured = () => measureLag(log, spec, options.stages, telemetry).then(scrape, scrape);
    const server = resources.own(await serveHealth(spec, pipeline, { scrape: measured, plugins }));
    return { url: server.url, pipeline, stop: () => resources.close() };
  } catch (error) {
    await resources.close();
    throw error;
  }
}

async function tracingOf({ tracing, name, log }: PipelineSpec, logger: Logger): Promise<Tracing | undefined> {
  return tracing && startTracing({ ...tracing, serviceName: `ordo-${name}`, system: log.type, logger });
}

/** Sets the gauges of the consumer lag. */
async function measureLag(
  log: Log,
  pipeline: PipelineNames,
  stages: readonly StageName[],
  telemetry: Telemetry,
): Promise<void> {
  for (const stage of stages) {
    const byTopic = Map.groupBy(await stageLag(log, pipeline, stage), ({ topic }) => topic);
    for (const [topic, partitions] of byTopic) {
      const records = partitions.reduce((sum, { lag }) => sum + lag, 0);
      telemetry.set('ordo_consumer_lag_records', { stage, topic }, records);
    }
  }
}

function serveHealth(
  { health }: PipelineSpec,
  pipeline: RunningPipeline,
  rest: Pick<HealthOptions, 'scrape' | 'plugins'>,
): Promise<HealthServer> {
  return startHealthServer({
    ...health,
    ...rest,
    live: () => pipeline.ended().map((name) => ({ name, message: 'the stage has ended' })),
    ready: () => pipeline.troubles().map((message) => ({ name: 'pipeline', message })),
  });
}
