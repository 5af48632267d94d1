import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { OrdoError } from '../../errors.ts';
import type { GraphFile } from './graph-file.ts';
import { checkFile, type FileCheck } from './hash-file.ts';
import type { Model } from './model.ts';

const manifest = z.object({
  /** SHA-256 of the manifest of the model that the graph was made for, hex. */
  model: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().positive(),
});

/** The graphs that a model may have (docs/model-format.md), each with a manifest of its own. */
const OVERLAYS = {
  int8: { manifest: 'int8.json', graph: 'score.int8.onnx' },
  proposer: { manifest: 'proposer.json', graph: 'proposer.onnx' },
} as const;

type Overlay = (typeof OVERLAYS)[keyof typeof OVERLAYS];

/**
 * Finds an overlay of a model by its own manifest, which lies beside the model's.
 * Errors: MODEL_NOT_FOUND where the model has none, MODEL_INVALID, MODEL_DIGEST_MISMATCH, also where it was made for
 * another model.
 */
export async function findOverlay(kind: keyof typeof OVERLAYS, { folder, digestHex }: Model): Promise<GraphFile> {
  const file = join(folder, OVERLAYS[kind].manifest);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new OrdoError('MODEL_NOT_FOUND', `the model has no ${kind} graph: cannot read ${file}`, { cause });
  });
  const { model, ...named } = parse(text, file);
  if (model !== digestHex) {
    throw new OrdoError('MODEL_DIGEST_MISMATCH', `${file} is of model ${model}, the manifest's is ${digestHex}`);
  }
  const { graph } = OVERLAYS[kind];
  const path = join(folder, graph);
  const { ok, actual, expected } = await checkFile(folder, graph, named);
  if (ok) return { path, sha256: expected };
  if (actual === null) throw new OrdoError('MODEL_NOT_FOUND', `${path} is not there or cannot be read`);
  throw new OrdoError('MODEL_DIGEST_MISMATCH', `${path} has SHA-256 ${actual}, ${file} says ${expected}`);
}

/**
 * Hashes every overlay that a model has, as its own manifest names it; one that was made for another model is not ok.
 * Errors: MODEL_INVALID.
 */
export async function checkOverlays(model: Model): Promise<FileCheck[]> {
  const checks = await Promise.all(Object.values(OVERLAYS).map((overlay) => checkOverlay(overlay, model)));
  return checks.flat();
}

async function checkOverlay({ manifest: file, graph }: Overlay, { folder, digestHex }: Model): Promise<FileCheck[]> {
  const text = await readFile(join(folder, file), 'utf8').catch(() => undefined);
  if (text === undefined) return [];
  const { model, ...named } = parse(text, join(folder, file));
  if (model !== digestHex) return [{ file, expected: digestHex, actual: model, ok: false }];
  return [await checkFile(folder, graph, named)];
}

function parse(text: string, path: string): z.infer<typeof manifest> {
  try {
    return manifest.parse(JSON.parse(text));
  } catch (cause) {
    throw new OrdoError('MODEL_INVALID', `${path} does not say what it must`, { cause });
  }
}
