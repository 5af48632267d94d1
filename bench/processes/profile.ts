import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What `node --cpu-prof` writes of a thread. */
interface Profile {
  nodes: { id: number; callFrame: { url: string; functionName: string }; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
}

/** Shares that code has in the time in which its thread was busy. */
export interface Share {
  /** Of its own functions. */
  own: number;
  /** Of them and what they called. */
  withCallees: number;
}

/** The profile of a process's main thread, which is the one whose code names `path`. Throws if none does. */
export async function profileNaming(folder: string, path: string): Promise<Profile> {
  for (const file of await readdir(folder)) {
    const profile = JSON.parse(await readFile(join(folder, file), 'utf8')) as Profile;
    if (profile.nodes.some(({ callFrame }) => callFrame.url.includes(path))) return profile;
  }
  throw new Error(`no profile in ${folder} names ${path}`);
}

/** The share of the code whose file name contains `path`. */
export function shareOf({ nodes, samples, timeDeltas }: Profile, path: string): Share {
  const own = new Set(nodes.filter(({ callFrame }) => callFrame.url.includes(path)).map(({ id }) => id));
  const idle = new Set(nodes.filter(({ callFrame }) => callFrame.functionName === '(idle)').map(({ id }) => id));
  const below = new Set<number>();
  // Parents stand before their children.
  for (const { id, children = [] } of nodes) {
    if (own.has(id)) below.add(id);
    if (below.has(id)) for (const child of children) below.add(child);
  }
  const spent = { busy: 0, own: 0, below: 0 };
  samples.forEach((id, at) => {
    const time = timeDeltas[at + 1] ?? 0;
    if (!idle.has(id)) spent.busy += time;
    if (own.has(id)) spent.own += time;
    if (below.has(id)) spent.below += time;
  });
  return { own: spent.own / spent.busy, withCallees: spent.below / spent.busy };
}
