import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { temporaryFolder } from '../folders.ts';
import { ROOT } from './files.ts';

/** A Kubernetes object, of any kind. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string> };
  [field: string]: unknown;
}

const execute = promisify(execFile);

const rendered = new Map<string, Promise<KubernetesObject[]>>();

/** The objects that a folder of Kustomize stands for; a folder is read once. */
export function render(folder: string): Promise<KubernetesObject[]> {
  const objects = rendered.get(folder) ?? kustomize(folder);
  rendered.set(folder, objects);
  return objects;
}

async function kustomize(folder: string): Promise<KubernetesObject[]> {
  const { stdout } = await execute('kubectl', ['kustomize', folder], { timeout: 60_000, maxBuffer: 2 ** 24 });
  return parseAllDocuments(stdout).map((document): KubernetesObject => document.toJS());
}

/** The objects of a kustomization whose resources lie in `ordo/`, a checkout of this repository. */
export async function renderText(kustomization: string): Promise<KubernetesObject[]> {
  const folder = await temporaryFolder();
  try {
    await symlink(ROOT, join(folder.path, 'ordo'));
    await writeFile(join(folder.path, 'kustomization.yaml'), kustomization);
    return await kustomize(folder.path);
  } finally {
    await folder.remove();
  }
}

/** The package that has the types and schemas of an API. */
function packageOf(apiVersion: string): string {
  const packages: Record<string, string> = {
    'keda.sh': '@kubernetes-models/keda/keda.sh',
    'monitoring.coreos.com': '@kubernetes-models/prometheus-operator/monitoring.coreos.com',
  };
  const [group = '', version] = apiVersion.split('/');
  const known = packages[group];
  return known ? `${known}/${version}` : `kubernetes-models/${apiVersion}`;
}

/** Throws if an object breaks the JSON schema of its kind, which says what must be there and what values may be. */
export async function requireSchema(object: KubernetesObject): Promise<void> {
  const module: Record<string, new (data: unknown) => { validate(): void }> = await import(
    `${packageOf(object.apiVersion)}/${object.kind}`
  );
  const Model = module[object.kind];
  if (!Model) throw new Error(`no schema of ${object.apiVersion} ${object.kind}`);
  new Model(object).validate();
}

/** What TypeScript says against the objects as literals of their types, which is: fields that there are not. */
export async function unknownFields(objects: readonly KubernetesObject[]): Promise<string> {
  const folder = await temporaryFolder();
  try {
    await mkdir(join(folder.path, 'node_modules'));
    for (const scope of ['kubernetes-models', '@kubernetes-models']) {
      await symlink(join(ROOT, 'node_modules', scope), join(folder.path, 'node_modules', scope));
    }
    const file = join(folder.path, 'objects.ts');
    await writeFile(file, objects.map(literal).join(''));
    return await compile(file);
  } finally {
    await folder.remove();
  }
}

function literal(object: KubernetesObject, index: number): string {
  const { apiVersion, kind } = object;
  return `import type { I${kind} as T${index} } from '${packageOf(apiVersion)}/${kind}';
export const o${index}: T${index} = ${JSON.stringify(object)};
`;
}

const COMPILER = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
const OPTIONS = [
  '--ignoreConfig',
  '--noEmit',
  '--strict',
  '--skipLibCheck',
  '--module',
  'nodenext',
  '--target',
  'esnext',
];

async function compile(file: string): Promise<string> {
  return execute(process.execPath, [COMPILER, ...OPTIONS, '--types', '', file], { timeout: 60_000 }).then(
    () => '',
    ({ stdout }: { stdout: string }) => stdout,
  );
}
