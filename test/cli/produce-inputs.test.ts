import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { produceInputs } from '../../src/cli/produce-inputs.ts';
import { temporaryFolder } from '../support/folders.ts';
import { lockFolders } from '../support/fs-calls.ts';

describe('produceInputs', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const at = (...path: string[]) => join(folder.path, ...path);

  before(async () => {
    folder = await temporaryFolder();
    await mkdir(at('a', 'b'), { recursive: true });
    for (const path of ['a/2.png', 'a/10.JPG', 'a/b/1.webp', 'a/notes.txt', 'x.dat']) await writeFile(at(path), 'x');
  });
  after(() => folder.remove());

  it('finds the images of a folder and of those in it, in the order of their paths', async () => {
    const inputs = await produceInputs([at('a')], { stream: 's' });
    assert.deepEqual(
      inputs.map(({ id }) => id),
      ['10.JPG', '2.png', 'b/1.webp'],
    );
    assert.deepEqual(inputs[2], {
      file: at('a/b/1.webp'),
      source: 'urn:ordo:produce:s',
      id: 'b/1.webp',
      stream: 's',
      attributes: { path: 'b/1.webp' },
    });
  });

  it('goes on beside a folder that cannot be read, and keeps its error', async () => {
    const unlock = lockFolders('b');
    const inputs = await produceInputs([at('a')], { stream: 's' }).finally(unlock);
    assert.deepEqual(
      inputs.map(({ id, error }) => [id, error?.code]),
      [
        ['10.JPG', undefined],
        ['2.png', undefined],
        ['b', 'INPUT_NOT_FOUND'],
      ],
    );
  });

  it('refuses a folder that cannot be read, and one that holds nothing else', async () => {
    await mkdir(at('outer', 'lost+found'), { recursive: true });
    for (const name of ['outer', 'lost+found']) {
      const unlock = lockFolders(name);
      await assert.rejects(produceInputs([at('outer')], { stream: 's' }).finally(unlock), {
        code: 'INPUT_NOT_FOUND',
        message: new RegExp(`${name.replace('+', '.')} cannot be read$`),
      });
    }
  });

  it('takes a file that is named whatever its name', async () => {
    assert.deepEqual(
      (await produceInputs([at('x.dat')], { stream: 's' })).map(({ file }) => file),
      [at('x.dat')],
    );
  });

  it('takes streams and attributes from a CSV file, and paths relative to it', async () => {
    await writeFile(at('t.csv'), 'path,class_id,track\na/2.png,3,t 1\n"./a/b/1.webp",4,\n');
    const inputs = await produceInputs([at('t.csv')], { stream: 's' });
    assert.deepEqual(inputs, [
      {
        file: at('a/2.png'),
        source: 'urn:ordo:produce:t%201',
        id: 'a/2.png',
        stream: 't 1',
        attributes: { path: 'a/2.png', class_id: '3', track: 't 1' },
      },
      {
        file: at('a/b/1.webp'),
        source: 'urn:ordo:produce:s',
        id: 'a/b/1.webp',
        stream: 's',
        attributes: { path: 'a/b/1.webp', class_id: '4', track: '' },
      },
    ]);
  });

  it('takes as many images as there are', async () => {
    const rows = Array.from({ length: 150_000 }, (_, index) => `${index}.png`);
    await writeFile(at('many.csv'), ['path', ...rows].join('\n'));
    assert.equal((await produceInputs([at('many.csv')], { stream: 's' })).length, rows.length);
  });

  it('lets the source be set', async () => {
    const [input] = await produceInputs([at('x.dat')], { stream: 's', source: 'urn:gate' });
    assert.equal(input?.source, 'urn:gate');
  });

  it('refuses two images of one identity', async () => {
    await writeFile(at('twice.csv'), 'path\na/2.png\na/../a/2.png\n');
    await assert.rejects(produceInputs([at('twice.csv')], { stream: 's' }), { code: 'USAGE', message: /a\/2\.png/ });
  });

  it('tells the line of a row without a path, and a CSV without the column', async () => {
    await writeFile(at('empty.csv'), 'path,track\na/2.png,1\n,2\n');
    await assert.rejects(produceInputs([at('empty.csv')], { stream: 's' }), {
      code: 'LABELS_INVALID',
      message: /empty\.csv:3: /,
    });
    await writeFile(at('none.csv'), 'file\na/2.png\n');
    await assert.rejects(produceInputs([at('none.csv')], { stream: 's' }), {
      code: 'LABELS_INVALID',
      message: /"path"/,
    });
  });

  it('refuses paths that are not there and folders without images', async () => {
    await mkdir(at('none'), { recursive: true });
    for (const path of ['missing', 'none']) {
      await assert.rejects(produceInputs([at(path)], { stream: 's' }), { code: 'INPUT_NOT_FOUND' });
    }
  });
});
