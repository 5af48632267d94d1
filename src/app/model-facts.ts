import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseManifest } from '../adapters/onnx/manifest.ts';

/** What a pipeline's settings take from its model. */
export interface ModelFacts {
  /** What names it in topics and groups, `<name>-<version>` of its manifest. */
  name: string;
  /** Tokens of an image. */
  positions: number;
}

/** Stands for a model that cannot be read: what needs the model says what is wrong with it. */
const UNREADABLE: ModelFacts = { name: '', positions: 64 };

/** What the manifest in a model's folder says. */
export async function readModelFacts(folder: string): Promise<ModelFacts> {
  const file = join(folder, 'model.json');
  try {
    const { name, version, tokens } = parseManifest(await readFile(file, 'utf8'), file);
    return { name: `${name}-${version}`, positions: tokens.positions };
  } catch {
    return UNREADABLE;
  }
}
