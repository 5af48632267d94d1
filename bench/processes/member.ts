import { openLogger } from '../../src/adapters/telemetry/logger.ts';
import { silentTelemetry } from '../../src/adapters/telemetry/silent.ts';
import { startPipeline } from '../../src/app/pipeline.ts';
import type { PipelineSpec, StageName } from '../../src/app/spec.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import type { MemberOptions, Sample } from './process.ts';
import { startSimulated } from './simulated.ts';

/**
 * Runs stages of a pipeline until SIGTERM, which drains them: `member.ts SPEC OPTIONS STAGE...`, both as JSON. Says
 * `ready`, and answers every message with what it has done and used so far.
 */
const [specText = '', optionsText = '', ...stages] = process.argv.slice(2);
const spec = JSON.parse(specText) as PipelineSpec;
const { simulated } = JSON.parse(optionsText) as MemberOptions;
const done = { rows: 0, images: 0 };

const telemetry: Telemetry = {
  ...silentTelemetry(),
  count: (metric, _labels, value = 1) => {
    if (metric === 'ordo_rows_total') done.rows += value;
    if (metric === 'ordo_images_total') done.images += value;
  },
};

async function start() {
  const common = { telemetry, logger: openLogger() };
  if (simulated) return startSimulated(spec, simulated, common);
  return startPipeline(spec, { ...common, stages: stages as StageName[] });
}

function sample(): Sample {
  const cpu = process.cpuUsage();
  const main = process.threadCpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return {
    ...done,
    atMs: performance.timeOrigin + performance.now(),
    cpuMs: (cpu.user + cpu.system) / 1000,
    mainThreadMs: (main.user + main.system) / 1000,
    residentBytes: rss,
    heapBytes: heapUsed,
    handles: process.getActiveResourcesInfo().length,
  };
}

const running = await start();
process.on('message', () => process.send?.(sample()));
process.on('disconnect', () => process.exit(0));
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)));
process.send?.('ready');
await running.done;
