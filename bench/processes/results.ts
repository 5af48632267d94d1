import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { basename, isAbsolute, join, relative } from 'node:path';

/** Writes a result with its command (paths cut to their last part) and machine to bench/results/NAME.json and to stdout. */
export async function writeResult(name: string, result: object): Promise<void> {
  const [script = '', ...args] = process.argv.slice(1);
  const root = join(import.meta.dirname, '..', '..');
  const portable = args.map((arg) => (isAbsolute(arg) ? basename(arg) : arg));
  const command = ['node bin/node24.js', relative(root, script), ...portable].join(' ');
  const machine = { cpu: cpus()[0]?.model, cores: availableParallelism(), node: process.version };
  const text = `${JSON.stringify({ command, machine, ...result }, null, 2)}\n`;
  const folder = join(import.meta.dirname, '..', 'results');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.json`), text);
  console.log(text);
}
