import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

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
