import { Command, Option } from 'commander';
import { STAGES, type StageName } from '../app/spec.ts';
import { EXIT } from './exit.ts';
import { aborted, interruption } from './interrupt.ts';
import { whole } from './options.ts';
import { readPipeline } from './pipeline.ts';

interface Options {
  stage?: StageName[];
  port?: number;
}

export function upCommand(): Command {
  return new Command('up')
    .description('Run the stages of a pipeline until SIGINT or SIGTERM')
    .argument('<pipeline>', 'pipeline file')
    .addOption(new Option('--stage <name...>', 'the stages to run here (default: all)').choices(STAGES))
    .option('--port <n>', 'port of health and metrics in place of that in the pipeline file; 0: any free one', whole(0))
    .addHelpText('after', HELP)
    .action(up);
}

const HELP = `
The first signal lets the stages finish the records in hand; the second ends the process at once. Nothing is lost
either way: what was not committed is read again. Log lines go to stderr, those of ORDO_LOG_LEVEL (default info) and up.

Examples:
  $ ordo up pipelines/traffic-signs.yaml
  $ ordo up pipelines/traffic-signs.yaml --stage score --port 0     one stage, beside others in other processes`;

/** Longest time from the first signal to the end of the process. */
const STOP_WITHIN_MS = 5000;

async function up(file: string, { stage: stages = [...STAGES], port }: Options): Promise<void> {
  const signal = interruption();
  const spec = await readPipeline(file);
  const health = { ...spec.health, ...(port !== undefined && { port }) };
  const [{ startService }, { openLogger }] = await Promise.all([
    import('../app/service.ts'),
    import('../adapters/telemetry/logger.ts'),
  ]);
  const logger = openLogger();
  const service = await startService({ ...spec, health }, { stages, logger });
  logger.info({ pipeline: spec.name, stages, url: service.url }, 'the pipeline runs');
  try {
    await Promise.race([service.pipeline.done, aborted(signal)]);
  } finally {
    endWithin(STOP_WITHIN_MS);
    logger.info({ reason: signal.reason ?? 'a stage ended' }, 'the pipeline drains');
    await service.stop();
  }
}

/** Ends the process after a while even if something keeps it open. */
function endWithin(ms: number): void {
  setTimeout(() => {
    process.stderr.write(`ordo: not everything ended within ${ms} ms; what was not committed is read again\n`);
    process.exit(EXIT.someFailed);
  }, ms).unref();
}
