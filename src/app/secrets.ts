import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { OrdoError } from '../errors.ts';

/** Where a secret is to be found. The secret itself stands in no pipeline file and no specification, so none is printed. */
export type Secret = { env: string } | { file: string };

const WHAT = '{ env: NAME } or { file: PATH }';

/** A secret as a pipeline file names it. */
export const secretSchema = z.union(
  [z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })],
  { error: WHAT },
);

/** The secret with its file's path made absolute. */
export function locateSecret(secret: Secret, at: (path: string) => string): Secret {
  return 'file' in secret ? { file: at(secret.file) } : secret;
}

/**
 * Reads a secret; of a file's last line break it is rid. Errors: PIPELINE_INVALID, naming the field and where the secret
 * was looked for, if there is none.
 */
export async function readSecret(
  secret: Secret,
  field: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string> {
  if ('file' in secret) return readSecretFile(secret.file, field);
  const value = env[secret.env];
  if (value) return value;
  throw new OrdoError('PIPELINE_INVALID', `${field}: the environment variable ${secret.env} is not set`);
}

async function readSecretFile(file: string, field: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch (cause) {
    throw new OrdoError('PIPELINE_INVALID', `${field}: the file ${file} cannot be read`, { cause });
  }
}
