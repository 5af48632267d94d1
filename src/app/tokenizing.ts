import type { Model } from '../adapters/onnx/model.ts';
import { findOverlay } from '../adapters/onnx/overlay.ts';
import { openTokenizer } from '../adapters/onnx/tokenizer.ts';
import type { Tokenizer } from '../ports/tokenizer.ts';
import type { Resources } from './resources.ts';
import type { PipelineSpec } from './spec.ts';

/**
 * Opens the tokenizer that a pipeline asks for, with the model's proposer where its plan has one.
 * Errors: those of `openTokenizer`; those of `findOverlay` where the plan wants a proposer and the model has none of use.
 */
export async function openTokenizing(
  { images, decision: { plan } }: PipelineSpec,
  model: Model,
  resources: Resources,
): Promise<Tokenizer> {
  const wanted = plan.kind === 'staged' && plan.propose !== undefined;
  const proposer = wanted ? await findOverlay('proposer', model) : undefined;
  const options = { processes: images.decoders, ...(proposer && { proposer }) };
  return resources.own(await openTokenizer(model, images, options));
}
