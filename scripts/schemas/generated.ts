/** The files that are generated from the records and from code. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { pipelineJsonSchema } from '../../src/app/pipeline-schema.ts';
import { asyncApiYaml } from '../asyncapi/document.ts';
import { recordsPage } from '../records-page/page.ts';
import { buf, readDescriptors, root } from './buf.ts';

const CODE = 'src/records/gen';

/** Every generated file as it should be: its text, by its path from the root. */
function generatedFiles(): Map<string, string> {
  const records = readDescriptors();
  const recordsText = textAt('schemas/ordo/v1/records.proto');
  const { version }: { version: string } = JSON.parse(textAt('package.json'));
  return new Map([
    ...generatedCode(),
    ['schemas/pipeline.schema.json', `${JSON.stringify(pipelineJsonSchema(), null, 2)}\n`],
    ['schemas/asyncapi.yaml', asyncApiYaml({ records, recordsText, version })],
    ['docs/records.md', recordsPage(records)],
  ]);
}

/** Writes what is generated. */
export function writeGenerated(): void {
  rmSync(join(root, CODE), { recursive: true, force: true });
  for (const [path, text] of generatedFiles()) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/** The paths of files that are not what generating gives, or that generating does not give. */
export function staleFiles(): string[] {
  const fresh = generatedFiles();
  const there = filesIn(join(root, CODE)).map((path) => `${CODE}/${path}`);
  const stale = [...fresh].filter(([path, text]) => !existsSync(join(root, path)) || textAt(path) !== text);
  return [...stale.map(([path]) => path), ...there.filter((path) => !fresh.has(path))];
}

/** The code for the records, by way of a template of buf's that puts it into a folder of its own. */
function generatedCode(): [string, string][] {
  const folder = mkdtempSync(join(tmpdir(), 'ordo-gen-'));
  try {
    const template = textAt('schemas/buf.gen.yaml').replace(`../${CODE}`, join(folder, 'gen'));
    writeFileSync(join(folder, 'buf.gen.yaml'), template);
    buf('generate', '--template', join(folder, 'buf.gen.yaml'));
    return filesIn(join(folder, 'gen')).map((path) => [
      `${CODE}/${path}`,
      readFileSync(join(folder, 'gen', path), 'utf8'),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Paths of the files in a folder, from it, with `/`. */
function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/')).sort();
}

function textAt(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
