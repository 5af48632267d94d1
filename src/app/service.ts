import { type HealthOptions, type HealthServer, startHealthServer } from '../adapters/http/health.ts';
import { prometheusTelemetry } from '../adapters/telemetry/prometheus.ts';
import { startTracing } from '../adapters/telemetry/tracing.ts';
import type { Logger } from '../ports/logger.ts';
import { type RunningPipeline, startPipeline } from './pipeline.ts';
import { Resources } from './resources.ts';
import type { PipelineSpec, StageName } from './spec.ts';

export interface ServiceOptions {
  stages: readonly StageName[];
  logger: Logger;
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
export async function startService(
  spec: PipelineSpec,
  { stages, logger, plugins = [] }: ServiceOptions,
): Promise<Service> {
  const resources = new Resources();
  try {
    const tracing = spec.tracing && (await startTracing({ ...spec.tracing, serviceName: `ordo-${spec.name}` }));
    if (tracing) resources.own({ close: tracing.shutdown });
    const { telemetry, scrape } = prometheusTelemetry(tracing ? { span: tracing.span } : {});
    const pipeline = await startPipeline(spec, { stages, telemetry, logger });
    resources.own({ close: () => pipeline.stop() });
    const server = resources.own(await serveHealth(spec, pipeline, { scrape, plugins }));
    return { url: server.url, pipeline, stop: () => resources.close() };
  } catch (error) {
    await resources.close();
    throw error;
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
