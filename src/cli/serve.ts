import type { Model } from '../adapters/onnx/model.ts';
import { type Service, startService } from '../app/service.ts';
import { type PipelineSpec, STAGES } from '../app/spec.ts';
import { consolePlugin } from '../console/plugin.ts';
import type { Log } from '../ports/log.ts';
import type { Logger } from '../ports/logger.ts';

export interface ServeOptions {
  spec: PipelineSpec;
  log: Log;
  model: Model;
  logger: Logger;
  /** Where the images come from, as the console says it. */
  origin: string;
}

/** Runs all stages of a pipeline in this process, with the console. The log stays the caller's. */
export async function serveWithConsole({ spec, log, model, logger, origin }: ServeOptions): Promise<Service> {
  let service: Service | undefined;
  const { name, version, classes } = model.manifest;
  const console = consolePlugin({
    log,
    spec,
    origin,
    model: { name, version, digestHex: model.digestHex, classes },
    problems: () => (service?.pipeline.troubles() ?? []).map((message) => ({ name: 'pipeline', message })),
  });
  service = await startService(spec, { stages: STAGES, log, logger, plugins: [console] });
  return service;
}
