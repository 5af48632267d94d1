import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadPipeline } from '../../../src/app/load-pipeline.ts';
import type { PipelineSpec } from '../../../src/app/spec.ts';
import { temporaryFolder } from '../folders.ts';

export const ROOT = join(import.meta.dirname, '..', '..', '..');

/** A file of the repository as text. */
export function text(...path: string[]): Promise<string> {
  return readFile(join(ROOT, ...path), 'utf8');
}

/** A YAML file of the repository. */
export async function yaml<T = unknown>(...path: string[]): Promise<T> {
  const value: T = parse(await text(...path), { merge: true });
  return value;
}

/** A pipeline file of the image, as it is read there, with this repository for its folder `/app`. */
export async function imagePipeline(...path: string[]): Promise<PipelineSpec> {
  const folder = await temporaryFolder();
  const file = join(folder.path, 'pipeline.yaml');
  try {
    await writeFile(file, (await text(...path)).replaceAll('/app/', `${ROOT}/`));
    return await loadPipeline(file, { env: {} });
  } finally {
    await folder.remove();
  }
}
