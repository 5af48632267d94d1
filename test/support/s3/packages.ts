import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from './run.ts';

const POM = join(import.meta.dirname, 'pom.xml');
const CACHE = join(import.meta.dirname, '..', '..', '..', 'node_modules', '.cache', 'ordo-s3');
const MAVEN_MS = 240_000;

/**
 * The folder of the server's Java packages, as `pom.xml` names them.
 * @param cache where it stays
 * @param fetch puts the packages into a folder; called if they are not in the cache
 */
export async function s3Packages(cache = CACHE, fetch = maven): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(POM))
    .digest('hex');
  const folder = join(cache, digest.slice(0, 16));
  if (!existsSync(folder)) await fetchTo(folder, fetch);
  return folder;
}

/** Fetches into a folder that gets its name once it is whole, for others may fetch at the same moment. */
async function fetchTo(folder: string, fetch: typeof maven): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const part = await mkdtemp(`${folder}.part-`);
  try {
    await fetch(part);
    await rename(part, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

async function maven(folder: string): Promise<void> {
  const args = ['--batch-mode', '--quiet', '--strict-checksums', '--file', POM, 'dependency:copy-dependencies'];
  await run('mvn', [...args, `-DoutputDirectory=${folder}`, '-DincludeScope=runtime'], MAVEN_MS);
}
