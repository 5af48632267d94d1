import assert from 'node:assert/strict';
import { join } from 'node:path';
import { startFolderCamera } from '../../../src/app/demo/folder.ts';
import type { ImageInput } from '../../../src/app/producer.ts';
import { OrdoError } from '../../../src/errors.ts';

describe('startFolderCamera', () => {
  const folder = join('photos');
  const files = ['a.jpg', join('gate', 'b.jpg'), join('gate', 'night', 'c.jpg')].map((file) => join(folder, file));

  async function run(wanted: number, read: (file: string) => Promise<Uint8Array>) {
    const images: ImageInput[] = [];
    const troubles: string[] = [];
    const { promise: enough, resolve } = Promise.withResolvers<void>();
    const send = async (sent: readonly ImageInput[]) => {
      images.push(...sent);
      if (images.length >= wanted) resolve();
    };
    const onTrouble = ({ code }: OrdoError) => void troubles.push(code);
    const common = { rate: 100_000, session: 'run1', mayProduce: () => true };
    const running = startFolderCamera({ folder, files, read, producer: { send }, onTrouble, ...common });
    await enough;
    await running.stop();
    return { images, troubles };
  }

  it('streams the files over and over, each time as other images', async () => {
    const { images } = await run(5, async (file) => Buffer.from(file));
    assert.deepEqual(
      images.slice(0, 4).map(({ id }) => id),
      ['run1/0/a.jpg', 'run1/0/gate/b.jpg', 'run1/0/gate/night/c.jpg', 'run1/1/a.jpg'],
    );
    assert.equal(Buffer.from(images[1]?.bytes ?? []).toString(), files[1]);
  });

  it('makes a stream of each folder, and claims no truth', async () => {
    const { images } = await run(3, async () => new Uint8Array(1));
    assert.deepEqual(
      images.slice(0, 3).map(({ stream }) => stream),
      ['folder', 'gate', 'gate/night'],
    );
    assert.deepEqual(images[0]?.attributes, { path: 'a.jpg' });
  });

  it('leaves out a file that cannot be read, and says so', async () => {
    const { images, troubles } = await run(3, async (file) => {
      if (file.endsWith('b.jpg')) throw new OrdoError('INPUT_NOT_FOUND', 'gone');
      return new Uint8Array(1);
    });
    assert.deepEqual(
      images.slice(0, 3).map(({ id }) => id),
      ['run1/0/a.jpg', 'run1/0/gate/night/c.jpg', 'run1/1/a.jpg'],
    );
    assert.equal(troubles[0], 'INPUT_NOT_FOUND');
  });
});
