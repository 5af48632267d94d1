import type { Model } from '../adapters/onnx/model.ts';
import { openOnnxScorer } from '../adapters/onnx/scorer.ts';
import type { RoundScorer } from '../ports/scorer.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { MicroBatcher } from '../runtime/micro-batcher.ts';
import type { Resources } from './resources.ts';
import type { PipelineSpec } from './spec.ts';

/** Opens the scorer that a pipeline asks for, with its micro-batches in front. */
export async function openScoring(
  { scoring }: PipelineSpec,
  model: Model,
  telemetry: Telemetry,
  resources: Resources,
): Promise<RoundScorer> {
  const scorer = resources.own(await openOnnxScorer(model, scoring));
  const { positions } = model.manifest.tokens;
  return resources.own(new MicroBatcher(scorer, { positions, maxDelayMs: scoring.maxDelayMs, telemetry }));
}
