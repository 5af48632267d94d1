import { z } from 'zod';
import { OrdoError } from '../../errors.ts';

/** The graphs of a model, by file name. */
export const MODEL_FILES = ['encoder.onnx', 'score.onnx', 'paint.onnx', 'decoder.onnx'] as const;
export type ModelFile = (typeof MODEL_FILES)[number];

const file = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits'),
  bytes: z.int().positive(),
});

const side = z.int().min(1).max(16384);

/** Tokens and places travel in 16 bits. */
const sixteenBits = z.int().min(1).max(65536);

const manifestSchema = z
  .strictObject({
    format: z.literal(1),
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, ".", "_" and "-"'),
    version: z.string().regex(/^[A-Za-z0-9._-]{1,32}$/, 'must be 1 to 32 letters, digits, ".", "_" and "-"'),
    image: z.strictObject({ width: side, height: side, fit: z.enum(['fill', 'cover']) }),
    tokens: z.strictObject({ positions: sixteenBits, codes: sixteenBits }),
    prefixes: z.array(z.int().positive()).min(1),
    classes: z.array(z.string().min(1)).min(1),
    files: z.strictObject({
      'encoder.onnx': file,
      'score.onnx': file,
      'paint.onnx': file,
      'decoder.onnx': file,
    }),
  })
  .refine(({ prefixes }) => prefixes.every((prefix, i) => i === 0 || prefix > (prefixes[i - 1] ?? 0)), {
    path: ['prefixes'],
    message: 'must ascend',
  })
  .refine(({ prefixes, tokens }) => prefixes.at(-1) === tokens.positions, {
    path: ['prefixes'],
    message: 'must end with tokens.positions',
  })
  .refine(({ classes }) => new Set(classes).size === classes.length, {
    path: ['classes'],
    message: 'must not repeat a name',
  });

/** `model.json`, as docs/model-format.md describes it. */
export type Manifest = z.infer<typeof manifestSchema>;

/**
 * Reads a manifest's text. `path` is where it came from, for messages.
 * Error: MODEL_INVALID, naming the file and the field.
 */
export function parseManifest(text: string, path: string): Manifest {
  const result = manifestSchema.safeParse(parseJson(text, path));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.join('.') || 'the manifest';
  throw new OrdoError('MODEL_INVALID', `${path}: ${field}: ${issue?.message}`);
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new OrdoError('MODEL_INVALID', `${path} is not JSON`, { cause });
  }
}
