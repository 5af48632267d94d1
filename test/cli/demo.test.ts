import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import sharp from 'sharp';
import { ended, heard, startOrdo, tinyFolder } from '../support/cli.ts';
import { withLockedFolders } from '../support/fs-calls.ts';

describe('ordo demo', function () {
  this.timeout(60_000);
  let folder: Awaited<ReturnType<typeof tinyFolder>>;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    folder = await tinyFolder();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await folder.remove();
  });

  /** Starts the demo and waits for its first labels; `end` interrupts it and gives what it said. */
  async function start(...args: string[]) {
    const nodeOptions = withLockedFolders('lost+found');
    const child = startOrdo(['demo', '--pipeline', folder.pipeline, ...args], { nodeOptions });
    children.push(child);
    const over = ended(child);
    await heard(child, 'stdout', ' rows, ');
    const end = async () => {
      child.kill('SIGINT');
      return await over;
    };
    return { child, over, end };
  }

  it('labels what its cameras see, serves the console, and ends in good order', async () => {
    const { child, end } = await start('--rate', '20');
    await heard(child, 'stdout', 'camera-4-trees');
    const { stdout, stderr, code } = await end();
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Console: http:\/\/127\.0\.0\.1:\d+\nImages: {2}demo cameras: signs painted by the model/m);
    assert.match(stdout, /camera-1-day .* \d+% /);
    assert.ok(!stdout.includes('\u001b'));
  });

  it('shows the console where it says', async () => {
    const child = startOrdo(['demo', '--pipeline', folder.pipeline, '--cameras', '1']);
    children.push(child);
    const [line] = await once(child.stdout?.setEncoding('utf8') ?? child, 'data');
    const url = /Console: (\S+)/.exec(String(line))?.[1];
    const page = await fetch(url ?? '');
    assert.match(await page.text(), /<title>Ordo console/);
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
    assert.match(await (await fetch(`${url}/metrics`)).text(), /^# TYPE ordo_rows_total counter$/m);
  });

  it('goes on where it stopped', async () => {
    const { child, over } = await start('--rate', '50', '--cameras', '1');
    child.kill('SIGKILL');
    const first = await over;
    const again = await start('--rate', '1', '--cameras', '1');
    const { code, stdout } = await again.end();
    assert.equal(code, 0);
    assert.ok(first.stdout.includes('camera-1-day') && stdout.includes('camera-1-day'));
  });

  it('streams the images of a folder, and passes over what is none', async () => {
    const images = join(folder.path, 'photos');
    await mkdir(join(images, 'gate'), { recursive: true });
    const picture = { width: 20, height: 20, channels: 3 as const, background: '#c02020' };
    await sharp({ create: picture })
      .png()
      .toFile(join(images, 'gate', 'a.png'));
    await writeFile(join(images, 'broken.png'), 'no picture');
    await mkdir(join(images, 'lost+found'));
    const { child, end } = await start('--images', images, '--rate', '20');
    await heard(child, 'stdout', 'IMAGE_UNSUPPORTED');
    const { code, stdout, stderr } = await end();
    assert.equal(code, 0);
    assert.ok(stdout.includes(`Images:  your images from ${images}`));
    assert.match(stdout, / gate +· {2}/);
    assert.match(stderr, /lost\+found cannot be read/);
  });

  it('takes the next free port where another program has that of the pipeline, and says so', async () => {
    const other = createServer().listen({ host: '127.0.0.1', port: 0 });
    await once(other, 'listening');
    const address = other.address();
    assert.ok(address && typeof address === 'object');
    const text = await readFile(folder.pipeline, 'utf8');
    await writeFile(folder.pipeline, text.replace('port: 0', `port: ${address.port}`));
    const { end } = await start();
    const { stdout } = await end();
    other.close();
    const [, port] = /Console: http:\/\/127\.0\.0\.1:(\d+)/.exec(stdout) ?? [];
    assert.ok(Number(port) > address.port);
    assert.ok(stdout.startsWith(`Port ${address.port} is taken, so the console is on ${port}.`));
  });

  it('ends at once on the second signal', async () => {
    const { child, over } = await start('--rate', '50');
    child.kill('SIGINT');
    await heard(child, 'stdout', 'Finishing the images in hand');
    if (child.exitCode === null) child.kill('SIGTERM');
    const { stderr } = await over;
    assert.doesNotMatch(stderr, /terminate|Napi/);
    assert.ok(child.signalCode === 'SIGTERM' || child.exitCode === 0);
  });

  it('ends in good order though the Ctrl-C that it gets ends its reader too', async () => {
    const { child, over } = await start('--rate', '50');
    child.kill('SIGINT');
    child.stdout?.destroy();
    const { code, stderr } = await over;
    assert.equal(code, 0, stderr);
  });

  it('says what is wrong with a folder without images', async () => {
    const images = join(folder.path, 'empty');
    await mkdir(images);
    const { code, stderr } = await ended(startOrdo(['demo', '--pipeline', folder.pipeline, '--images', images]));
    assert.equal(code, 66);
    assert.match(stderr, /^ordo: INPUT_NOT_FOUND: .*empty/);
  });
});
