import { Command } from 'commander';
import { withProvider } from '../app/provider.ts';
import { Resources } from '../app/resources.ts';
import type { Service } from '../app/service.ts';
import { type PipelineSpec, STAGES, type StageName, topicNames } from '../app/spec.ts';
import { asOrdoError } from '../errors.ts';
import type { Logger } from '../ports/logger.ts';
import type { Provider } from '../ports/scorer.ts';
import { aborted, endWithin, interruption } from './interrupt.ts';
import { providerOption, stagesOption, whole } from './options.ts';
import { readPipeline } from './pipeline.ts';
import { outliveReader } from './reader.ts';

interface Options {
  stage?: StageName[];
  port?: number;
  host?: string;
  provider?: Provider;
}

export function upCommand(): Command {
  return new Command('up')
    .description('Run the stages of a pipeline until SIGINT, SIGTERM or SIGHUP')
    .argument('<pipeline>', 'pipeline file')
    .addOption(stagesOption('the stages to run here (default: all)'))
    .option('--host <name>', 'address of health and metrics in place of that in the pipeline file, such as 0.0.0.0')
    .option('--port <n>', 'port of health and metrics in place of that in the pipeline file; 0: any free one', whole(0))
    .addOption(providerOption())
    .addHelpText('after', HELP)
    .action(up);
}

const HELP = `
With all stages it also serves the console, on the address that it logs. The first signal lets the stages finish the
records in hand; another, or the same a second or more later, ends the process at once. Nothing is lost either way:
what was not committed is read again. Log lines go to stderr, those of ORDO_LOG_LEVEL (default info) and up.

Examples:
  $ ordo up pipelines/traffic-signs.yaml
  $ ordo up pipelines/traffic-signs.yaml --stage score --port 0     one stage, beside others in other processes`;

/** Longest time from the first signal, or from an end by itself, to the end of the process. */
const STOP_WITHIN_MS = 8000;

async function up(file: string, options: Options): Promise<void> {
  outliveReader();
  const signal = interruption();
  const stages = STAGES.filter((stage) => options.stage?.includes(stage) ?? true);
  const spec = withOptions(await readPipeline(file), options);
  const { openLogger } = await import('../adapters/telemetry/logger.ts');
  const logger = openLogger();
  const resources = new Resources();
  signal.addEventListener('abort', () => hurry());
  let failed: unknown;
  try {
    const service = await start(spec, stages, logger, resources);
    logger.info({ pipeline: spec.name, stages, url: service.url }, 'the pipeline runs');
    await Promise.race([ended(service, logger), aborted(signal)]);
    logger.info({ reason: signal.reason ?? 'a stage ended' }, 'the pipeline drains');
  } catch (error) {
    failed = error;
    throw error;
  } finally {
    if (!signal.aborted) hurry(failed);
    await resources.close();
  }
}

/** Settles as the stages end. An error is logged at once, for closing may take longer than there is time. */
async function ended({ pipeline }: Service, logger: Logger): Promise<void> {
  try {
    await pipeline.done;
  } catch (error) {
    const { code, message } = asOrdoError(error);
    logger.error({ code }, message);
    throw error;
  }
}

function withOptions(spec: PipelineSpec, { host, port, provider }: Options): PipelineSpec {
  return {
    ...withProvider(spec, provider),
    health: { ...spec.health, ...(host !== undefined && { host }), ...(port !== undefined && { port }) },
  };
}

async function start(spec: PipelineSpec, stages: StageName[], logger: Logger, resources: Resources): Promise<Service> {
  const service = await (stages.length === STAGES.length ? all(spec, logger, resources) : some(spec, stages, logger));
  return resources.own({ ...service, close: () => service.stop() });
}

async function some(spec: PipelineSpec, stages: StageName[], logger: Logger): Promise<Service> {
  const { startService } = await import('../app/service.ts');
  return startService(spec, { stages, logger });
}

async function all(spec: PipelineSpec, logger: Logger, resources: Resources): Promise<Service> {
  const [{ serveWithConsole }, { loadPipelineModel }, { openLog }] = await Promise.all([
    import('./serve.ts'),
    import('../app/model.ts'),
    import('../app/open-log.ts'),
  ]);
  const model = await loadPipelineModel(spec);
  const log = resources.own(await openLog(spec, { logger }));
  return serveWithConsole({ spec, log, model, logger, origin: `the topic ${topicNames(spec).images}` });
}

/** Bounds the time that is left to end in; the last line names the error that ended the stages, if any. */
function hurry(failed?: unknown): void {
  const code = failed === undefined ? '' : `${asOrdoError(failed).code}: `;
  const late = `not everything ended within ${STOP_WITHIN_MS} ms; what was not committed is read again`;
  endWithin(STOP_WITHIN_MS, `ordo: ${code}${late}\n`);
}
