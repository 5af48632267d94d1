import { openLogger } from '../../src/adapters/telemetry/logger.ts';
import { silentTelemetry } from '../../src/adapters/telemetry/silent.ts';
import { startPipeline } from '../../src/app/pipeline.ts';
import type { PipelineSpec, StageName } from '../../src/app/spec.ts';

/** Runs stages of a pipeline till it is killed: `stage-process.ts SPEC-AS-JSON STAGE...`. */
const [spec = '', ...stages] = process.argv.slice(2);
const pipeline = await startPipeline(JSON.parse(spec) as PipelineSpec, {
  stages: stages as StageName[],
  telemetry: silentTelemetry(),
  logger: openLogger(),
});
process.on('disconnect', () => process.exit(0));
await pipeline.done;
