import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

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
