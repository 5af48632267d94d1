import type { Model } from '../../adapters/onnx/model.ts';
import type { LabelledReadings } from '../../domain/plan-search.ts';
import type { DecisionRule } from '../../domain/types.ts';
import { readingsOf } from '../../domain/replay.ts';
import { OrdoError } from '../../errors.ts';
import { prefixesToTry } from '../model.ts';
import { EvidenceFile } from './evidence-file.ts';

/**
 * The images of a file of evidence, read at prefix lengths worth trying: see `prefixesToTry`.
 * Errors: INPUT_NOT_FOUND; EVIDENCE_INVALID, also where it is of another model or holds no image.
 */
export function loadReadings(path: string, model: Model, rule: DecisionRule): LabelledReadings[] {
  const prefixes = prefixesToTry(model, rule);
  const file = EvidenceFile.open(path);
  try {
    const { header } = file;
    if (header.model !== model.digestHex) {
      throw unusable(path, `is of model ${header.model}, the pipeline's is ${model.digestHex}`);
    }
    const images = Array.from(file.images(), ({ classId, track, perToken, proposal }) => ({
      readings: { ...readingsOf(perToken, header, prefixes), proposal },
      label: classId,
      track,
    }));
    if (images.length === 0) throw unusable(path, 'holds no image');
    return images;
  } finally {
    file.close();
  }
}

function unusable(path: string, why: string): OrdoError {
  return new OrdoError('EVIDENCE_INVALID', `${path} ${why}`);
}
