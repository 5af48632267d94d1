import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { OrdoError } from '../../errors.ts';
import type { GraphFile } from './graph-file.ts';
import { checkFile, type FileCheck } from './hash-file.ts';
import { MODEL_FILES, type Manifest, type ModelFile, parseManifest } from './manifest.ts';
import { checkOverlays } from './overlay.ts';

/** A model package (docs/model-format.md) whose files were found to be those the manifest names. */
export interface Model {
  /** Absolute path. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** SHA-256 of the bytes of `model.json`, 32 bytes: the identity of the model. */
  readonly digest: Uint8Array;
  /** The digest in lower-case hex. */
  readonly digestHex: string;
  /** A graph, as the manifest names it. */
  graph(name: ModelFile): GraphFile;
}

/**
 * Reads a model's manifest and hashes every graph it names.
 * Errors: MODEL_NOT_FOUND (no folder, manifest or graph), MODEL_INVALID, MODEL_DIGEST_MISMATCH.
 */
export async function loadModel(folder: string): Promise<Model> {
  const model = await readModel(folder);
  for (const check of await checkFiles(model)) requireOk(model, check);
  return model;
}

/**
 * Hashes every graph of a model and of its overlays, streamed, and says of each whether it is the one that is named.
 * Errors: MODEL_NOT_FOUND (no manifest), MODEL_INVALID.
 */
export async function verifyModel(folder: string): Promise<FileCheck[]> {
  const model = await readModel(folder);
  return [...(await checkFiles(model)), ...(await checkOverlays(model))];
}

async function readModel(folder: string): Promise<Model> {
  const absolute = resolve(folder);
  const file = join(absolute, 'model.json');
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new OrdoError('MODEL_NOT_FOUND', `cannot read ${file}`, { cause });
  });
  const digest = createHash('sha256').update(bytes).digest();
  const manifest = parseManifest(bytes.toString('utf8'), file);
  return {
    folder: absolute,
    manifest,
    digest: new Uint8Array(digest),
    digestHex: digest.toString('hex'),
    graph: (name) => ({ path: join(absolute, name), sha256: manifest.files[name].sha256 }),
  };
}

function checkFiles({ folder, manifest }: Model): Promise<FileCheck[]> {
  return Promise.all(MODEL_FILES.map((file) => checkFile(folder, file, manifest.files[file])));
}

function requireOk(model: Model, { file, expected, actual, ok }: FileCheck): void {
  if (ok) return;
  const path = join(model.folder, file);
  if (actual === null) throw new OrdoError('MODEL_NOT_FOUND', `${path} is not there or cannot be read`);
  if (actual !== expected) {
    throw new OrdoError('MODEL_DIGEST_MISMATCH', `${path} has SHA-256 ${actual}, the manifest says ${expected}`);
  }
  throw new OrdoError(
    'MODEL_INVALID',
    `${join(model.folder, 'model.json')}: files.${file}.bytes is not the file's size`,
  );
}
