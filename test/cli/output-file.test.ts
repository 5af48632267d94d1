import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requireWritable, writeWhole } from '../../src/cli/output-file.ts';
import { temporaryFolder } from '../support/folders.ts';

describe('an output file', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  it('is written in place of what was there, and leaves nothing beside it', async () => {
    const path = join(folder.path, 'a.json');
    await requireWritable(path);
    await writeWhole(path, 'one');
    await writeWhole(path, 'two');
    assert.equal(await readFile(path, 'utf8'), 'two');
    assert.deepEqual(await readdir(folder.path), ['a.json']);
  });

  it('is written where a link leads', async () => {
    const [path, link] = [join(folder.path, 'a.json'), join(folder.path, 'b.json')];
    await writeFile(path, 'one');
    await symlink(path, link);
    await writeWhole(link, 'two');
    assert.equal(await readlink(link), path);
    assert.equal(await readFile(path, 'utf8'), 'two');
  });

  it('is refused before the work where it cannot be', async () => {
    await mkdir(join(folder.path, 'folder'));
    for (const path of [join(folder.path, 'none', 'a.json'), join(folder.path, 'folder')]) {
      await assert.rejects(requireWritable(path), { code: 'OUTPUT_UNWRITABLE' });
      await assert.rejects(writeWhole(path, 'one'), { code: 'OUTPUT_UNWRITABLE' });
    }
    assert.deepEqual(await readdir(folder.path), ['folder']);
  });

  it('keeps what was there when it cannot be written whole', async () => {
    // Of a name that leaves no room for what a draft's has more.
    const path = join(folder.path, 'a'.repeat(250));
    await writeFile(path, 'one');
    await assert.rejects(writeWhole(path, 'two'), { code: 'OUTPUT_UNWRITABLE' });
    assert.equal(await readFile(path, 'utf8'), 'one');
  });
});
