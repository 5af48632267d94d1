import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.ts';

const POM = join(import.meta.dirname, 'pom.xml');
const CACHE = join(import.meta.dirname, '..', '..', '..', 'node_modules', '.cache', 'ordo-kafka');

/** The folder of Kafka's own Java packages, as `pom.xml` names them; Maven fetches them if they are not there yet. */
export async function kafkaPackages(cache = CACHE): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(POM))
    .digest('hex');
  const folder = join(cache, digest.slice(0, 16));
  if (!existsSync(folder)) await fetchTo(cache, folder);
  return folder;
}

/** Fetches into a folder of its own, which appears under its name when it is whole, for others may fetch at this moment. */
async function fetchTo(cache: string, folder: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const part = await mkdtemp(join(cache, 'part-'));
  try {
    await maven(part);
    await rename(part, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

async function maven(folder: string): Promise<void> {
  const args = ['-B', '-ntp', '-q', '-C', '-f', POM, 'dependency:copy-dependencies'];
  const command = process.platform === 'win32' ? 'mvn.cmd' : 'mvn';
  await run(command, [...args, `-DoutputDirectory=${folder}`, '-DincludeScope=runtime'], 240_000);
}
