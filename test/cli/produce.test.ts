import assert from 'node:assert/strict';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ended, heard, jsonLines, ordo, startOrdo, tinyFolder } from '../support/cli.ts';
import { withLockedFolders } from '../support/fs-calls.ts';
import { TINY_MODEL } from '../support/tiny.ts';

const NAMES = Array.from({ length: 20 }, (_, i) => `${i}.png`);

describe('ordo produce, cut short', () => {
  let folder: Awaited<ReturnType<typeof tinyFolder>>;
  beforeEach(async () => {
    folder = await tinyFolder();
  });
  afterEach(() => folder.remove());

  for (const [name, code] of Object.entries({ SIGINT: 130, SIGTERM: 143 })) {
    it(`ends with ${code} after ${name}, though files have failed by then`, async () => {
      const table = join(folder.path, 'photos.csv');
      await writeFile(table, ['path', ...NAMES].join('\n'));
      const produce = startOrdo(['produce', folder.pipeline, table, '--rate', '2']);
      const end = ended(produce);
      await heard(produce, 'stderr', 'INPUT_NOT_FOUND');
      produce.kill(name as NodeJS.Signals);
      assert.equal((await end).code, code);
    });
  }
}).timeout(60_000);

describe('ordo produce, beside a folder that cannot be read', () => {
  it('puts the other images into the log, reports the folder, and ends with 1', async () => {
    const folder = await tinyFolder();
    const photos = join(folder.path, 'photos');
    await mkdir(join(photos, 'lost+found'), { recursive: true });
    await copyFile(join(TINY_MODEL, 'examples', '00000.png'), join(photos, 'a.png'));
    const args = ['produce', folder.pipeline, photos, '--json'];
    const { code, stdout } = await ended(startOrdo(args, { nodeOptions: withLockedFolders('lost+found') }));
    await folder.remove();
    const [locked, summary] = jsonLines(stdout);
    assert.deepEqual(
      [locked?.['path'], Reflect.get(locked?.['error'] ?? {}, 'code')],
      [join(photos, 'lost+found'), 'INPUT_NOT_FOUND'],
    );
    assert.deepEqual([code, summary?.['produced'], summary?.['failed']], [1, 1, 1]);
  });
}).timeout(60_000);

describe('ordo produce, where an image cannot be put into the log', () => {
  it('says how many are there by then, and ends by the error', async () => {
    const folder = await tinyFolder();
    const photos = join(folder.path, 'photos');
    await mkdir(photos);
    await copyFile(join(TINY_MODEL, 'examples', '00000.png'), join(photos, 'a.png'));
    await writeFile(join(photos, 'b.png'), new Uint8Array(100_000));
    await mkdir(join(folder.path, 'log'));
    await writeFile(join(folder.path, 'log', 'blobs'), 'in the place of the folder of claim checks');
    const produce = (...args: string[]) => ordo(['produce', folder.pipeline, photos, '--rate', '10', ...args]);
    const [asText, asJson] = [await produce(), await produce('--json')];
    await folder.remove();
    assert.deepEqual([asText.code, asJson.code], [69, 69]);
    assert.match(asText.stdout, /^Produced 1 image, /);
    assert.match(asText.stderr, /^ordo: BLOB_UNAVAILABLE: /);
    const [summary, ...rest] = jsonLines(asJson.stdout);
    assert.deepEqual([summary?.['produced'], summary?.['failed'], rest], [1, 0, []]);
  });
}).timeout(60_000);

describe('ordo produce --loop, where no file can be read', () => {
  let folder: Awaited<ReturnType<typeof tinyFolder>>;
  beforeEach(async () => {
    folder = await tinyFolder();
  });
  afterEach(() => folder.remove());

  /** Produces until a file failed and for a second more: how many failed, and in how many seconds at most. */
  async function produceFor(args: readonly string[], once: () => Promise<void>) {
    const startedAt = performance.now();
    const loop = startOrdo(['produce', folder.pipeline, ...args, '--loop']);
    const end = ended(loop);
    const failed = heard(loop, 'stderr', 'INPUT_NOT_FOUND');
    await once();
    await failed;
    await sleep(1000);
    loop.kill('SIGINT');
    const { code, stderr } = await end;
    assert.equal(code, 1);
    return { failures: stderr.match(/INPUT_NOT_FOUND/g)?.length ?? 0, seconds: (performance.now() - startedAt) / 1000 };
  }

  async function produced(): Promise<number> {
    const { stdout } = await ordo(['lag', folder.pipeline, '--json']);
    return Number(jsonLines(stdout)[0]?.['lag'] ?? 0);
  }

  it('tells of no more files than the rate allows once they are gone', async () => {
    const photos = join(folder.path, 'photos');
    await mkdir(photos);
    for (const name of NAMES) await copyFile(join(TINY_MODEL, 'examples', '00000.png'), join(photos, name));
    const { failures, seconds } = await produceFor([photos, '--rate', '10'], async () => {
      while ((await produced()) === 0);
      await rm(photos, { recursive: true });
    });
    assert.ok(failures <= 10 * seconds + 1, `${failures} in ${seconds} s`);
  });

  it('waits longer and longer between its rounds where no rate is asked for', async () => {
    const table = join(folder.path, 'photos.csv');
    await writeFile(table, ['path', ...NAMES].join('\n'));
    const { failures, seconds } = await produceFor([table], async () => {});
    const rounds = 1 + Math.log2(seconds + 1);
    assert.ok(failures <= NAMES.length * rounds, `${failures} in ${seconds} s`);
  });
}).timeout(60_000);
