import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { OrdoError } from '../errors.ts';
import { expected } from './fields.ts';

/** Where a secret is to be found: an environment variable, or a file of which it is the whole content. */
export type SecretReference = { env: string } | { file: string };

const REFERENCE = '{ env: NAME } or { file: PATH }';

/** A field that names a secret. What stands there instead is not repeated in messages, as it may be the secret. */
export function secretReference(description: string) {
  const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { abort: true });
  return z
    .union(
      [
        z.strictObject({ env: name.describe('Name of an environment variable.') }),
        z.strictObject({ file: z.string().min(1, { abort: true }).describe('Path of a file, relative to this one.') }),
      ],
      expected(REFERENCE),
    )
    .describe(description);
}

/** Where a secret of a pipeline file is named. */
export interface SecretField {
  /** The pipeline file. */
  file: string;
  /** The field, keys separated by dots. */
  field: string;
}

/**
 * The secret, without the line break that ends its file. It is for the client that needs it and goes nowhere else: not
 * into a specification, a message or a log line.
 *
 * Error: PIPELINE_INVALID, naming the field, if the variable is not set, the file cannot be read, or there is nothing.
 */
export function readSecret(
  reference: SecretReference,
  { file, field }: SecretField,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const { secret, trouble } = 'env' in reference ? fromEnvironment(reference.env, env) : fromFile(reference.file);
  if (secret) return secret;
  throw new OrdoError('PIPELINE_INVALID', `${file}: ${field}: ${trouble}`);
}

interface Found {
  secret: string | undefined;
  /** What is wrong if there is no secret. */
  trouble: string;
}

function fromEnvironment(name: string, env: Readonly<Record<string, string | undefined>>): Found {
  const secret = env[name];
  return { secret, trouble: `the environment variable ${name} is ${secret === undefined ? 'not set' : 'empty'}` };
}

function fromFile(path: string): Found {
  try {
    return { secret: readFileSync(path, 'utf8').replace(/\r?\n$/, ''), trouble: `the file ${path} is empty` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { secret: undefined, trouble: `the file ${path} cannot be read: ${reason}` };
  }
}
