import { fileURLToPath } from 'node:url';
import type { Classifier } from '../app/classifier.ts';
import type { TopicsMode } from '../app/open-log.ts';
import type { PipelineSpec } from '../app/spec.ts';
import type { Log } from '../ports/log.ts';

/** The pipeline that commands take where none is named. */
export const SHIPPED_PIPELINE = fileURLToPath(new URL('../../pipelines/traffic-signs.yaml', import.meta.url));

/** Reads a pipeline file. */
export async function readPipeline(file: string): Promise<PipelineSpec> {
  const { loadPipeline } = await import('../app/load-pipeline.ts');
  return await loadPipeline(file);
}

/** Works on the log of a pipeline, whose topics it leaves as they are unless told to, and closes it whatever happens. */
export async function withLog<R>(
  spec: PipelineSpec,
  work: (log: Log) => Promise<R>,
  topics: TopicsMode = 'leave',
): Promise<R> {
  const { openLog } = await import('../app/open-log.ts');
  const log = await openLog(spec, { topics });
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}

/** Works with a classifier of a pipeline and closes it whatever happens. */
export async function withClassifier<R>(spec: PipelineSpec, work: (classifier: Classifier) => Promise<R>): Promise<R> {
  const { openClassifier } = await import('../app/classifier.ts');
  const classifier = await openClassifier(spec);
  try {
    return await work(classifier);
  } finally {
    await classifier.close();
  }
}
