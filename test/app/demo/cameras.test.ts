import assert from 'node:assert/strict';
import { type CamerasOptions, startDemoCameras } from '../../../src/app/demo/cameras.ts';
import { drawn } from '../../../src/app/demo/raster.ts';
import { planTrack } from '../../../src/app/demo/track.ts';
import type { ImageInput } from '../../../src/app/producer.ts';
import { OrdoError } from '../../../src/errors.ts';

const picture = drawn(8, (x) => [x * 30, 0, 0]);

describe('startDemoCameras', () => {
  /** Runs cameras at full speed until so many images were sent. */
  async function run(wanted: number, options: Partial<CamerasOptions> = {}) {
    const images: ImageInput[] = [];
    const troubles: string[] = [];
    const { promise: enough, resolve } = Promise.withResolvers<void>();
    const send = async (sent: readonly ImageInput[]) => {
      images.push(...sent);
      if (images.length >= wanted) resolve();
    };
    const running = startDemoCameras({
      cameras: 2,
      rate: 100_000,
      signs: { signFor: async (_camera, track) => ({ classId: track % 5, picture }) },
      session: 'run1',
      mayProduce: () => true,
      onTrouble: ({ code }) => {
        troubles.push(code);
        if (troubles.length > 2) resolve();
      },
      ...options,
      producer: options.producer ?? { send },
    });
    await enough;
    await running.stop();
    return { images, troubles };
  }

  const attributes = (image: ImageInput | undefined) => image?.attributes ?? {};

  it('makes each camera a stream of its own, with ids of its own', async () => {
    const { images } = await run(40);
    assert.deepEqual([...new Set(images.map(({ stream }) => stream))].toSorted(), ['camera-1-day', 'camera-2-rain']);
    assert.equal(new Set(images.map(({ source, id }) => `${source} ${id}`)).size, images.length);
    for (const { source, stream, id } of images) {
      assert.equal(source, `urn:ordo:demo:${stream}`);
      assert.match(id, /^run1\/\d+\/\d+$/);
    }
  });

  it('shows a track to its end, frame by frame, then the next', async () => {
    const { images } = await run(60, { cameras: 1 });
    const lengths = [0, 1].map((track) => planTrack('camera-1-day', track).frames);
    const expected = lengths.flatMap((frames, track) => Array.from({ length: frames }, (_, i) => `run1/${track}/${i}`));
    assert.deepEqual(
      images.slice(0, expected.length).map(({ id }) => id),
      expected,
    );
    for (const image of images) assert.equal(attributes(image)['track'], image.id.slice(0, image.id.lastIndexOf('/')));
  });

  it('tells the truth: the class of the sign, or none', async () => {
    const name = 'camera-1-day';
    const strange = Array.from({ length: 15 }, (_, track) => track).find((track) => planTrack(name, track).scenery);
    assert.ok(strange !== undefined);
    const { images } = await run(20 * (strange + 1), { cameras: 1 });
    for (const image of images) {
      const track = Number(image.id.split('/')[1]);
      assert.equal(attributes(image)['truth'], planTrack(name, track).scenery ? 'none' : String(track % 5));
    }
    assert.ok(images.some((image) => attributes(image)['truth'] === 'none'));
  });

  it('leaves frames out while the pipeline is behind', async () => {
    let asked = 0;
    const { images } = await run(3, { cameras: 1, mayProduce: () => ++asked > 50 });
    assert.equal(images[0]?.id, 'run1/0/0');
    assert.ok(asked > 50);
  });

  it('goes on after an error of the log, without losing the frame', async () => {
    const ids: string[] = [];
    const full = new OrdoError('LOG_FULL', 'full');
    const send = async ([image]: readonly ImageInput[]) => {
      ids.push(image?.id ?? '');
      throw full;
    };
    const { troubles } = await run(1, { cameras: 1, producer: { send } });
    assert.ok(troubles.every((code) => code === 'LOG_FULL'));
    assert.deepEqual(new Set(ids), new Set(['run1/0/0']));
  });
});
