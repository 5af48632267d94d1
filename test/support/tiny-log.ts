import { openLog } from '../../src/app/open-log.ts';
import type { PipelineSpec } from '../../src/app/spec.ts';
import type { Log } from '../../src/ports/log.ts';
import { temporaryFolder } from './folders.ts';
import { tinySpec } from './tiny.ts';

/** The log of a tiny pipeline, in a folder that goes with it. */
export interface TinyLog {
  readonly spec: PipelineSpec;
  readonly log: Log;
  close(): Promise<void>;
}

export async function openTinyLog(): Promise<TinyLog> {
  const folder = await temporaryFolder();
  const spec = tinySpec(folder.path);
  const log = await openLog(spec);
  const close = async () => {
    await log.close();
    await folder.remove();
  };
  return { spec, log, close };
}
