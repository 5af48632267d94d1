import sharp from 'sharp';
import { randomOf } from '../demo/random.ts';
import type { ImageInput } from '../producer.ts';

/** sRGB, 8 bits, [height, width, 3]. */
export interface Picture {
  width: number;
  height: number;
  pixels: Uint8Array;
}

/** Bytes of each picture that are changed. */
const CHANGES = 32;

/** As many streams, so that images go to several partitions. */
const STREAMS = 5;

/**
 * Image `index` of an endless series of different ones: the pictures in turn, each time with other bytes of them
 * changed, as PNG files. A function of its arguments.
 */
export async function variedImage(pictures: readonly Picture[], seed: number, index: number): Promise<ImageInput> {
  const { width, height, pixels } = pictures[index % pictures.length] ?? { width: 0, height: 0, pixels: [] };
  const changed = Buffer.from(pixels);
  const random = randomOf('image', seed, index);
  for (let change = 0; change < CHANGES; change++) changed[random.below(changed.length)] = random.below(256);
  const png = sharp(changed, { raw: { width, height, channels: 3 } }).png({ compressionLevel: 1 });
  return {
    source: 'urn:ordo:verify',
    id: String(index),
    stream: `camera-${index % STREAMS}`,
    capturedAtMs: 1000 + index,
    attributes: { index: String(index) },
    bytes: new Uint8Array(await png.toBuffer()),
  };
}
