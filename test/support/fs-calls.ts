import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';

type Call = 'open' | 'readdir' | 'realpath' | 'rename';

/** Puts another function in the place of one of node:fs/promises, for all who import it, until what it gives is called. */
export function replaceCall(name: Call, make: (original: (...args: any[]) => any) => unknown): () => void {
  const original = fs[name];
  const set = (call: unknown) => {
    Object.assign(fs, { [name]: call });
    syncBuiltinESMExports();
  };
  set(make(original as (...args: any[]) => any));
  return () => set(original);
}

/** Has folders of the name be such as may not be read, root or not, until what it gives is called. */
export function lockFolders(name: string): () => void {
  return replaceCall('readdir', (readdir) => async (path: string | URL, ...rest: unknown[]) => {
    if (basename(String(path)) === name) throw new Error(`EACCES: permission denied, scandir ${String(path)}`);
    return await readdir(path, ...rest);
  });
}

/** The options of Node for a process in which folders of the name may not be read. */
export function withLockedFolders(name: string): string[] {
  const hook = `import { lockFolders } from ${JSON.stringify(import.meta.url)}; lockFolders(${JSON.stringify(name)});`;
  return ['--import', `data:text/javascript,${encodeURIComponent(hook)}`];
}
