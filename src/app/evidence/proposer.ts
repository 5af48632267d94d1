import type { GraphFile } from '../../adapters/onnx/graph-file.ts';
import type { Model } from '../../adapters/onnx/model.ts';
import { findOverlay } from '../../adapters/onnx/overlay.ts';
import { OrdoError } from '../../errors.ts';

/** The proposer of a model, if it has one. Errors: MODEL_INVALID, MODEL_DIGEST_MISMATCH. */
export async function findProposer(model: Model): Promise<GraphFile | undefined> {
  return findOverlay('proposer', model).catch((error: unknown) => {
    if (error instanceof OrdoError && error.code === 'MODEL_NOT_FOUND') return undefined;
    throw error;
  });
}
