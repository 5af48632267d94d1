import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from './run.ts';

const CACHE = join(import.meta.dirname, '..', '..', '..', 'node_modules', '.cache');
const MAVEN_MS = 240_000;

/** Puts the packages that a pom.xml names into a folder. */
type Fetch = (folder: string, pom: string) => Promise<void>;

/**
 * The folder of the Java packages that a `pom.xml` names.
 * @param name of the folder in the cache that holds it
 * @param cache where it stays
 * @param fetch called if they are not in the cache
 */
export async function javaPackages(pom: string, name: string, cache = CACHE, fetch: Fetch = maven): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex');
  const folder = join(cache, name, digest.slice(0, 16));
  if (!existsSync(folder)) await fetchTo(folder, (part) => fetch(part, pom));
  return folder;
}

/** Fetches into a folder that gets its name once it is whole, for others may fetch at the same moment. */
async function fetchTo(folder: string, fetch: (part: string) => Promise<void>): Promise<void> {
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

async function maven(folder: string, pom: string): Promise<void> {
  const args = ['--batch-mode', '--quiet', '--strict-checksums', '--file', pom, 'dependency:copy-dependencies'];
  await run('mvn', [...args, `-DoutputDirectory=${folder}`, '-DincludeScope=runtime'], MAVEN_MS);
}
