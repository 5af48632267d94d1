import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseManifest } from '../adapters/onnx/manifest.ts';

/**
 * What names a model in topics and groups, `<name>-<version>` of its manifest; empty where there is none to be read:
 * what needs the model says what is wrong with it.
 */
export async function readModelName(folder: string): Promise<string> {
  const file = join(folder, 'model.json');
  try {
    const { name, version } = parseManifest(await readFile(file, 'utf8'), file);
    return `${name}-${version}`;
  } catch {
    return '';
  }
}
