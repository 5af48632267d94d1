import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { OrdoError } from '../../errors.ts';
import { hashFile } from './hash-file.ts';
import type { Model } from './model.ts';

const overlay = z.object({
  /** SHA-256 of the manifest of the model that was quantized, hex. */
  model: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().positive(),
});

/** The quantized score graph of a model. */
export interface Int8Graph {
  /** Absolute path. */
  path: string;
  /** SHA-256 of its bytes, hex. */
  sha256: string;
}

/**
 * Finds a model's quantized score graph, `score.int8.onnx` beside the others, by its own manifest `int8.json`
 * (docs/model-format.md).
 * Errors: MODEL_NOT_FOUND where the model has none, MODEL_INVALID, MODEL_DIGEST_MISMATCH, also where it was made of
 * another model.
 */
export async function findInt8({ folder, digestHex }: Model): Promise<Int8Graph> {
  const manifest = join(folder, 'int8.json');
  const text = await readFile(manifest, 'utf8').catch((cause: unknown) => {
    throw new OrdoError('MODEL_NOT_FOUND', `the model has no int8 graph: cannot read ${manifest}`, { cause });
  });
  const { model, sha256, bytes } = parse(text, manifest);
  if (model !== digestHex) {
    throw new OrdoError('MODEL_DIGEST_MISMATCH', `${manifest} is of model ${model}, the manifest's is ${digestHex}`);
  }
  const path = join(folder, 'score.int8.onnx');
  const found = await hashFile(path).catch((cause: unknown) => {
    throw new OrdoError('MODEL_NOT_FOUND', `${path} is not there or cannot be read`, { cause });
  });
  if (found.sha256 === sha256 && found.bytes === bytes) return { path, sha256 };
  throw new OrdoError('MODEL_DIGEST_MISMATCH', `${path} has SHA-256 ${found.sha256}, ${manifest} says ${sha256}`);
}

function parse(text: string, path: string): z.infer<typeof overlay> {
  try {
    return overlay.parse(JSON.parse(text));
  } catch (cause) {
    throw new OrdoError('MODEL_INVALID', `${path} does not say what it must`, { cause });
  }
}
