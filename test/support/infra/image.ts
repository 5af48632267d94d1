import { cpSync, existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { type Copy, DockerfileParser, type Instruction } from 'dockerfile-ast';
import { temporaryFolder } from '../folders.ts';
import { run } from '../java/run.ts';
import { ROOT, text } from './files.ts';

/** Who runs the image, and its processes here where root starts them. */
export const IMAGE_USER = 1000;
export const asRoot = process.getuid?.() === 0;

/** How a process becomes the image's user; only root may. */
export const asImageUser = asRoot ? { uid: IMAGE_USER, gid: IMAGE_USER } : {};

/** A process of the image finds its own Node first. */
export const imageEnv = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH']}` };

export async function dockerfile(name = 'Dockerfile'): Promise<Instruction[]> {
  return DockerfileParser.parse(await text('infra', name)).getInstructions();
}

/** What the instructions copy from the repository, as [from, to]. */
export function copied(instructions: readonly Instruction[]): [from: string, to: string][] {
  return instructions
    .filter((instruction): instruction is Copy => instruction.getKeyword() === 'COPY')
    .filter((copy) => !copy.getFlags().some((flag) => flag.getName() === 'from'))
    .flatMap((copy) => {
      const paths = copy.getArguments().map((argument) => argument.getValue());
      const to = paths.pop() ?? '';
      return paths.map((from): [string, string] => [from, to.endsWith('/') ? join(to, from) : to]);
    });
}

/**
 * The folder /app of the image, as the Dockerfile makes it: what it copies, the production dependencies that the
 * lockfile names, less what it removes from them. Where root makes it, its user may write in `.ordo` and nowhere else.
 */
export async function imageFolder(): Promise<{ path: string; ordo: string; remove: () => Promise<void> }> {
  const folder = await temporaryFolder();
  const app = join(folder.path, 'app');
  const ordo = join(folder.path, 'ordo');
  await linkDependencies(app);
  const instructions = await dockerfile();
  for (const [from, to] of copied(instructions)) {
    cpSync(join(ROOT, from), to.startsWith('/') ? ordo : join(app, to), { recursive: true });
  }
  await run('sh', ['-ec', `cd '${app}'; PATH='${imageEnv.PATH}'; ${removal(instructions)}`], 20_000);
  await mkdir(join(app, '.ordo'));
  await chmod(folder.path, 0o755);
  if (asRoot) await chown(join(app, '.ordo'), IMAGE_USER, IMAGE_USER);
  return { path: app, ordo, remove: folder.remove };
}

/** Links, for a copy of them is 600 MB to write; where the folder is on another disk, they are copied. */
async function linkDependencies(to: string): Promise<void> {
  const { packages }: { packages: Record<string, { dev?: boolean }> } = JSON.parse(await text('package-lock.json'));
  const installed = Object.keys(packages).filter((path) => path !== '' && existsSync(join(ROOT, path)));
  const outer = installed.filter((path) => path.lastIndexOf('node_modules') === 0 && !packages[path]?.dev);
  await mkdir(to);
  const copy = (how: string) => `cp ${how} --parents -t '${to}' ${outer.join(' ')}`;
  await run('sh', ['-c', `cd '${ROOT}' && { ${copy('-rl')} 2>/dev/null || ${copy('-r')}; }`], 120_000);
  const inner = installed.filter((path) => packages[path]?.dev && existsSync(join(to, path)));
  await Promise.all(inner.map((path) => rm(join(to, path), { recursive: true })));
}

/** What the Dockerfile does after `npm ci`, in the same RUN. */
function removal(instructions: readonly Instruction[]): string {
  const [install = '', ...commands] = instructions
    .map((instruction) => instruction.getRawArgumentsContent() ?? '')
    .filter((content) => content.includes('npm ci'))
    .flatMap((content) => content.replaceAll('\\\n', ' ').split('&&'));
  if (install.trim() !== 'npm ci --omit=dev') throw new Error(`unexpected installation: ${install}`);
  return commands.join('&&');
}

/** The script `ordo` of the image for its folder elsewhere. */
export async function launcher(image: { path: string; ordo: string }): Promise<string> {
  return (await readFile(image.ordo, 'utf8')).replaceAll('/app/', `${image.path}/`);
}
