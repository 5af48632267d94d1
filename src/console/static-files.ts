import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';

export interface StaticFile {
  body: Buffer;
  type: string;
  etag: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The page's files, by name, all held in memory: no request ever names a path on disk. */
export async function loadStaticFiles(): Promise<Map<string, StaticFile>> {
  const folder = new URL('static/', import.meta.url);
  const names = (await readdir(folder)).filter((name) => extname(name) in TYPES);
  return new Map(
    await Promise.all(names.map(async (name) => [name, await load(new URL(name, folder), name)] as const)),
  );
}

async function load(url: URL, name: string): Promise<StaticFile> {
  const body = await readFile(url);
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  return { body, type: TYPES[extname(name)] ?? 'application/octet-stream', etag };
}
