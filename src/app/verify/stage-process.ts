import { openLogger } from '../../adapters/telemetry/logger.ts';
import { silentTelemetry } from '../../adapters/telemetry/silent.ts';
import { startPipeline } from '../pipeline.ts';
import { type PipelineSpec, STAGES } from '../spec.ts';

/**
 * Runs a stage of a pipeline till it is killed, or drains it on SIGTERM: `stage-process.ts SPEC-AS-JSON STAGE`.
 * It ends with the process that forked it.
 */
const [text = '', stage] = process.argv.slice(2);
const spec: PipelineSpec = JSON.parse(text);
process.on('disconnect', () => process.exit(0));
const pipeline = await startPipeline(spec, {
  stages: STAGES.filter((name) => name === stage),
  telemetry: silentTelemetry(),
  logger: openLogger(),
});
process.once('SIGTERM', () => void pipeline.stop().finally(() => process.exit(0)));
await pipeline.done;
