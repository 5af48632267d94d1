import { type HealthOptions, type HealthServer, startHealthServer } from '../adapters/http/health.ts';
import { prometheusTelemetry } from '../adapters/telemetry/prometheus.ts';
import { startTracing, type Tracing } from '../adapters/telemetry/tracing.ts';
import type { Log } from '../ports/log.ts';
import type { Logger } from '../ports/logger.ts';
import { startBlobCollection } from './blob-collection.ts';
import { LagGauge } from './lag-gauge.ts';
import { openLog } from './open-log.ts';
import { type RunningPipeline, startPipeline } from './pipeline.ts';
import { Resources } from './resources.ts';
import { readSecret } from './secrets.ts';
import type { PipelineSpec, StageName } from './spec.ts';

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
    const { telemetry, scrape } = prometheusTelemetry({
      pipeline: spec.name,
      ...(tracing && { span: tracing.span }),
    });
    const log = options.log ?? resources.own(await openLog(spec, { logger: options.logger }));
    if (options.stages.includes('tokenize')) resources.own(startBlobCollection(spec, { ...options, log }));
    const pipeline = await startPipeline(spec, { ...options, telemetry, log });
    resources.own({ close: () => pipeline.stop() });
    const lag = new LagGauge(spec, { ...options, log, telemetry });
    const measured = () => lag.measure().then(scrape);
    const server = resources.own(await serveHealth(spec, pipeline, { scrape: measured, plugins }));
    return { url: server.url, pipeline, stop: () => stopAll(pipeline, resources) };
  } catch (error) {
    await resources.close();
    throw error;
  }
}

/** The stages drain while all else closes in its turn: others are to take over at once, whatever a page or a scrape does. */
async function stopAll(pipeline: RunningPipeline, resources: Resources): Promise<void> {
  pipeline.stop().catch(() => {});
  await resources.close();
}

async function tracingOf({ tracing, name, log, file }: PipelineSpec, logger: Logger): Promise<Tracing | undefined> {
  if (!tracing) return undefined;
  const { endpoint: given } = tracing;
  const endpoint = typeof given === 'string' ? given : readSecret(given, { file, field: 'tracing.endpoint' });
  return startTracing({ endpoint, serviceName: `ordo-${name}`, system: log.type, logger });
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
    ready: () => pipeline.obstacles().map((message) => ({ name: 'pipeline', message })),
  });
}
