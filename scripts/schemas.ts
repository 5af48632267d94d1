/**
 * Keeps schemas/ and what is generated from it and from code together.
 *   schemas.ts generate   writes src/records/gen, schemas/pipeline.schema.json, schemas/asyncapi.yaml, docs/records.md
 *   schemas.ts check      lints the records, compares them with schemas/records.released.binpb (nothing that was
 *                         released may break), validates the AsyncAPI document, and fails if anything generated is
 *                         not what generating gives
 *   schemas.ts release    makes today's records the ones that later changes must not break
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncApiProblems } from './asyncapi/validate.ts';
import { buf, root } from './schemas/buf.ts';
import { staleFiles, writeGenerated } from './schemas/generated.ts';

const released = join(root, 'schemas', 'records.released.binpb');

async function check(): Promise<void> {
  buf('lint');
  buf('breaking', '--against', released);
  const invalid = await asyncApiProblems(readFileSync(join(root, 'schemas', 'asyncapi.yaml'), 'utf8'));
  const problems = [
    ...staleFiles().map((path) => `${path} is stale: run npm run schemas:generate`),
    ...invalid.map((problem) => `schemas/asyncapi.yaml: ${problem}`),
  ];
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exit(1);
  console.log('schemas: records lint and break nothing released, AsyncAPI is valid, all generated files are fresh');
}

const commands: Record<string, () => void | Promise<void>> = {
  check,
  generate: writeGenerated,
  release: () => buf('build', '-o', released),
};

const command = commands[process.argv[2] ?? ''];
if (!command) {
  console.error('usage: schemas.ts check|generate|release');
  process.exit(2);
}
await command();
