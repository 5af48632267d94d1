import { availableParallelism } from 'node:os';
import type { Provider } from '../ports/scorer.ts';
import type { PipelineSpec } from './spec.ts';

/** Worker threads where the pipeline file leaves them open: one for each core, or one that feeds the accelerator. */
export function usualWorkers(provider: Provider): number {
  return provider === 'cpu' ? availableParallelism() : 1;
}

/**
 * Decoder processes where the pipeline file leaves them open: one for every two cores, as the tokens of an image of the
 * shipped model take about half the time of its scores.
 */
export function usualDecoders(): number {
  return Math.max(1, Math.floor(availableParallelism() / 2));
}

/** The pipeline with scores computed by another provider, in its usual number of workers; as it is where there is none. */
export function withProvider(spec: PipelineSpec, provider: Provider | undefined): PipelineSpec {
  if (!provider || provider === spec.scoring.provider) return spec;
  return { ...spec, scoring: { ...spec.scoring, provider, workers: usualWorkers(provider) } };
}
