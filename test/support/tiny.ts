import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { ImageInput } from '../../src/app/producer.ts';
import type { PipelineSpec } from '../../src/app/spec.ts';
import { type Picture, variedImage } from '../../src/app/verify/images.ts';

const root = join(import.meta.dirname, '..', '..');

/** The folder of the model that tests score with: a real transformer, trained on drawn shapes. */
export const TINY_MODEL = join(root, 'models', 'tiny');

/** What names the topics of the tiny pipeline. */
export const TINY_NAMES = { name: 'tiny', modelName: 'tiny-1' };

/** A pipeline of the tiny model with its log in `folder`. */
export function tinySpec(folder: string, overrides: Partial<PipelineSpec> = {}): PipelineSpec {
  return {
    name: 'tiny',
    file: join(folder, 'tiny.yaml'),
    model: TINY_MODEL,
    modelName: TINY_NAMES.modelName,
    log: { type: 'sqlite', folder: join(folder, 'log'), sessionTimeoutMs: 1000 },
    topics: { partitions: 2, retention: {} },
    images: {
      maxBytes: 1 << 20,
      maxPixels: 1 << 22,
      timeoutMs: 10_000,
      decoders: 1,
      claimCheck: {
        aboveBytes: 64 << 10,
        folder: join(folder, 'blobs'),
        allowFolders: [],
        allowHosts: [],
        allowPrivate: false,
        timeoutMs: 5000,
      },
    },
    scoring: {
      provider: 'cpu',
      precision: 'fp32',
      deviceId: 0,
      workers: 1,
      tileRows: 16,
      maxDelayMs: 2,
      maxImages: 64,
    },
    decision: {
      statistic: 'mean-log-likelihood',
      temperature: 1,
      top: 3,
      plan: {
        kind: 'staged',
        propose: { keep: 6 },
        screens: [{ prefix: 8, keep: 4 }],
        prefix: 16,
        maxOrders: 4,
        ordersPerRound: 1,
        bound: { errors: 3, floor: 30 },
      },
    },
    health: { host: '127.0.0.1', port: 0, names: [] },
    ...overrides,
  };
}

/** The images that come with the tiny model, as PNG files. */
export async function tinyExamples(): Promise<{ name: string; bytes: Uint8Array; classId: number }[]> {
  const folder = join(TINY_MODEL, 'examples');
  const csv = await readFile(join(folder, 'labels.csv'), 'utf8');
  const classes = new Map(
    csv
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => [line.split(',')[0], Number(line.split(',')[1])]),
  );
  const names = (await readdir(folder)).filter((name) => name.endsWith('.png')).sort();
  return Promise.all(
    names.map(async (name) => ({
      name,
      bytes: new Uint8Array(await readFile(join(folder, name))),
      classId: classes.get(name) ?? -1,
    })),
  );
}

/** `count` different images: the examples, each time with other pixels changed. A function of `seed`. */
export async function tinyImages(count: number, seed: number): Promise<ImageInput[]> {
  const pictures = await tinyPictures();
  return Promise.all(Array.from({ length: count }, (_, index) => variedImage(pictures, seed, index)));
}

/** The images that come with the tiny model. */
export async function tinyPictures(): Promise<Picture[]> {
  const pixels = async (bytes: Uint8Array) => sharp(bytes).removeAlpha().raw().toBuffer();
  const examples = await tinyExamples();
  return Promise.all(examples.map(async ({ bytes }) => ({ width: 16, height: 16, pixels: await pixels(bytes) })));
}
