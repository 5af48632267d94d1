/**
 * Keeps schemas/ and what is generated from it together.
 *   schemas.ts generate   writes src/records/gen and schemas/pipeline.schema.json
 *   schemas.ts check      lints the records, compares them with schemas/records.released.binpb (nothing that was
 *                         released may break), and fails if anything generated is not what generating gives
 *   schemas.ts release    makes today's records the ones that later changes must not break
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { pipelineJsonSchema } from '../src/app/pipeline-schema.ts';

const root = dirname(import.meta.dirname);
const schemas = join(root, 'schemas');
const generated = join(root, 'src', 'records', 'gen');
const released = join(schemas, 'records.released.binpb');
const pipelineSchema = join(schemas, 'pipeline.schema.json');

function buf(...args: string[]): void {
  const bin = join(root, 'node_modules', '.bin');
  const path = [bin, dirname(process.execPath), process.env.PATH].join(delimiter);
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'node_modules', '@bufbuild', 'buf', 'bin', 'buf'), ...args],
    {
      cwd: schemas,
      stdio: 'inherit',
      env: { ...process.env, PATH: path },
    },
  );
  if (status !== 0) process.exit(1);
}

function generateRecords(into: string): void {
  const template = readFileSync(join(schemas, 'buf.gen.yaml'), 'utf8').replace('../src/records/gen', into);
  const file = join(mkdtempSync(join(tmpdir(), 'ordo-buf-')), 'buf.gen.yaml');
  writeFileSync(file, template);
  buf('generate', '--template', file);
  rmSync(dirname(file), { recursive: true });
}

function schemaText(): string {
  return `${JSON.stringify(pipelineJsonSchema(), null, 2)}\n`;
}

function filesOf(folder: string): Map<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return new Map(paths.map((path) => [relative(folder, path), readFileSync(path, 'utf8')]));
}

function check(): void {
  buf('lint');
  buf('breaking', '--against', released);
  const fresh = mkdtempSync(join(tmpdir(), 'ordo-gen-'));
  generateRecords(fresh);
  const same = JSON.stringify([...filesOf(fresh)]) === JSON.stringify([...filesOf(generated)]);
  rmSync(fresh, { recursive: true });
  const problems = [
    ...(same ? [] : ['src/records/gen is stale']),
    ...(readFileSync(pipelineSchema, 'utf8') === schemaText() ? [] : ['schemas/pipeline.schema.json is stale']),
  ];
  for (const problem of problems) console.error(`${problem}: run npm run schemas:generate`);
  if (problems.length > 0) process.exit(1);
  console.log('schemas: records lint, break nothing released, and all generated files are fresh');
}

const commands: Record<string, () => void> = {
  check,
  generate() {
    generateRecords(generated);
    writeFileSync(pipelineSchema, schemaText());
  },
  release: () => buf('build', '-o', released),
};

const command = commands[process.argv[2] ?? ''];
if (!command) {
  console.error('usage: schemas.ts check|generate|release');
  process.exit(2);
}
command();
