import type { Model } from '../../adapters/onnx/model.ts';
import type { LabelledReadings } from '../../domain/plan-search.ts';
import type { DecisionRule } from '../../domain/types.ts';
import { readingsOf } from '../../domain/replay.ts';
import { OrdoError } from '../../errors.ts';
import { prefixesToTry } from '../model.ts';
import { EvidenceFile, type EvidenceHeader } from './evidence-file.ts';
import { findProposer } from './proposer.ts';

/** What recorded evidence must be of to stand for a pipeline's images. */
type Origin = Pick<EvidenceHeader, 'model' | 'proposer'>;

/**
 * The images of files of evidence, read at prefix lengths worth trying: see `prefixesToTry`.
 * Errors: INPUT_NOT_FOUND; EVIDENCE_INVALID, also where a file is of another model or proposer or holds no image, or
 * where files hold different numbers of orders; those of looking for the model's proposer.
 */
export async function loadReadings(
  paths: readonly string[],
  model: Model,
  rule: DecisionRule,
): Promise<LabelledReadings[]> {
  const origin = { model: model.digestHex, proposer: (await findProposer(model))?.sha256 ?? null };
  const prefixes = prefixesToTry(model, rule);
  const images = paths.flatMap((path) => readingsIn(path, origin, prefixes));
  requireSameOrders(images);
  return images;
}

/** EVIDENCE_INVALID unless all images were read in as many orders: a plan is to find the same everywhere. */
export function requireSameOrders(images: readonly LabelledReadings[]): void {
  const found = [...new Set(images.map(({ readings }) => readings.orders))];
  if (found.length < 2) return;
  throw new OrdoError('EVIDENCE_INVALID', `the files hold ${found.join(' and ')} orders: record all with as many`);
}

function readingsIn(path: string, origin: Origin, prefixes: readonly number[]): LabelledReadings[] {
  const file = EvidenceFile.open(path);
  try {
    requireOrigin(path, file.header, origin);
    const images = Array.from(file.images(), ({ classId, track, perToken, proposal }) => ({
      readings: { ...readingsOf(perToken, file.header, prefixes), proposal },
      label: classId,
      track,
    }));
    if (images.length === 0) throw unusable(path, 'holds no image');
    return images;
  } finally {
    file.close();
  }
}

function requireOrigin(path: string, header: EvidenceHeader, { model, proposer }: Origin): void {
  if (header.model !== model) throw unusable(path, `is of model ${header.model}, the pipeline's is ${model}`);
  if (header.proposer === proposer) return;
  throw unusable(path, `is of proposer ${header.proposer ?? 'none'}, the model's is ${proposer ?? 'none'}`);
}

function unusable(path: string, why: string): OrdoError {
  return new OrdoError('EVIDENCE_INVALID', `${path} ${why}`);
}
