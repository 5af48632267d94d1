import type { Model } from '../../adapters/onnx/model.ts';
import type { LabelledReadings } from '../../domain/plan-search.ts';
import { readingsOf } from '../../domain/replay.ts';
import { OrdoError } from '../../errors.ts';
import { EvidenceFile } from './evidence-file.ts';

/**
 * The images of a file of evidence, read at the prefix lengths of the model.
 * Errors: INPUT_NOT_FOUND; EVIDENCE_INVALID, also where it is of another model or holds no image.
 */
export function loadReadings(path: string, { digestHex, manifest }: Model): LabelledReadings[] {
  const file = EvidenceFile.open(path);
  try {
    const { header } = file;
    if (header.model !== digestHex) throw unusable(path, `is of model ${header.model}, the pipeline's is ${digestHex}`);
    const images = Array.from(file.images(), ({ classId, track, perToken }) => ({
      readings: readingsOf(perToken, header, manifest.prefixes),
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
