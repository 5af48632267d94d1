/** Runs buf, the linter and compiler of the records, in schemas/. */
import { type SpawnSyncOptions, spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { createFileRegistry, type DescFile, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

export const root = dirname(dirname(import.meta.dirname));

const modules = join(root, 'node_modules');

/** Runs a command of buf; a failure, which buf explains, ends the process. */
export function buf(...args: string[]): void {
  run(args, 'inherit');
}

/** The descriptors of the records, with their comments. */
export function readDescriptors(): DescFile {
  const image = run(['build', '--as-file-descriptor-set', '-o', '-'], ['ignore', 'pipe', 'inherit']);
  const [file] = createFileRegistry(fromBinary(FileDescriptorSetSchema, image)).files;
  if (!file) throw new Error('schemas/ holds no records');
  return file;
}

function run(args: readonly string[], stdio: SpawnSyncOptions['stdio']): Buffer {
  const path = [join(modules, '.bin'), dirname(process.execPath), process.env.PATH].join(delimiter);
  const options = { cwd: join(root, 'schemas'), env: { ...process.env, PATH: path }, stdio };
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(modules, '@bufbuild', 'buf', 'bin', 'buf'), ...args],
    options,
  );
  if (status !== 0) process.exit(1);
  return stdout;
}
