import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ended, heard, jsonLines, ordo, startOrdo, tinyFolder } from '../support/cli.ts';

const NAMES = ['a.png', 'b.png', 'c.png'];

/** Each test goes on where the one before it left off. */
describe('a command whose reader ends', () => {
  let folder: Awaited<ReturnType<typeof tinyFolder>>;
  before(async () => {
    folder = await tinyFolder();
    for (const name of NAMES) await writeFile(join(folder.path, name), `${name} is no image`);
  });
  after(() => folder.remove());

  async function letters(): Promise<number> {
    const { code, stdout, stderr } = await ordo(['dlq', 'list', folder.pipeline, '--json']);
    assert.equal(code, 0, stderr);
    return jsonLines(stdout).length;
  }

  it('goes on as a service through the warnings that nobody hears', async () => {
    const up = startOrdo(['up', folder.pipeline, '--stage', 'tokenize']);
    const end = ended(up);
    await heard(up, 'stderr', 'the pipeline runs');
    up.stderr?.destroy();
    for (const [before, name] of NAMES.entries()) {
      assert.equal((await ordo(['produce', folder.pipeline, join(folder.path, name)])).code, 0);
      while ((await letters()) === before) assert.equal(up.exitCode, null);
    }
    up.kill('SIGTERM');
    assert.equal((await end).code, 0);
  });

  it('replays every dead letter all the same', async () => {
    const replay = startOrdo(['dlq', 'replay', folder.pipeline, '--all', '--json']);
    const end = ended(replay);
    replay.stdout?.destroy();
    assert.equal((await end).code, 0);
    assert.equal(await letters(), 0);
  });
}).timeout(60_000);
