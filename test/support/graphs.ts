import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { GraphFile } from '../../src/adapters/onnx/graph-file.ts';

/** A file as a graph, whatever it holds. */
export function graphAt(path: string): GraphFile {
  return { path, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') };
}
