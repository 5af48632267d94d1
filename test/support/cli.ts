import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from './folders.ts';
import { TINY_MODEL } from './tiny.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

export interface Ended {
  /** null if a signal ended the process. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Starts the command line as a user does. */
export function startOrdo(
  args: readonly string[],
  { cwd, env, nodeOptions = [] }: { cwd?: string; env?: NodeJS.ProcessEnv; nodeOptions?: readonly string[] } = {},
): ChildProcess {
  const options = { ...(cwd && { cwd }), ...(env && { env }) };
  return spawn(process.execPath, [...nodeOptions, MAIN, ...args], { ...options, stdio: 'pipe' });
}

/** Runs the command line to its end. */
export async function ordo(
  args: readonly string[],
  { cwd, input = '' }: { cwd?: string; input?: string | Uint8Array } = {},
): Promise<Ended> {
  const child = startOrdo(args, cwd ? { cwd } : {});
  child.stdin?.end(input);
  return await ended(child);
}

/** All that a process that was just started says until its end. */
export async function ended(child: ChildProcess): Promise<Ended> {
  const said = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  const [code]: (number | null)[] = await once(child, 'close');
  return { code: code ?? null, ...said };
}

/** Resolves once the process has said this on the stream. */
export function heard(child: ChildProcess, stream: 'stdout' | 'stderr', text: string): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    child[stream]?.on('data', (chunk: Buffer) => {
      said += chunk;
      if (said.includes(text)) resolve();
    });
    child.once('close', (code) => reject(new Error(`ended with ${code} before it said "${text}": ${said}`)));
  });
}

/** The JSON objects of an output, one a line; throws if there is anything else. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Record<string, unknown> => JSON.parse(line));
}

/** A folder of its own with `tiny.yaml`, a pipeline of the tiny model; its log comes into the folder `log`. */
export async function tinyFolder(): Promise<{ path: string; pipeline: string; remove: () => Promise<void> }> {
  const folder = await temporaryFolder();
  const text = await readFile(join(import.meta.dirname, 'tiny.yaml'), 'utf8');
  const pipeline = join(folder.path, 'tiny.yaml');
  await writeFile(pipeline, text.replace('../../models/tiny', TINY_MODEL).replace('../../.ordo/tiny', 'log'));
  return { ...folder, pipeline };
}
