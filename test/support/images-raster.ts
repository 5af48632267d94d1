import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { uniform } from '../../src/domain/random.ts';

/** An image in memory: sRGB, 8 bits, [height, width, 3]. */
export interface Raster {
  width: number;
  height: number;
  pixels: Uint8Array;
}

export const FORMATS = ['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const;
export type Format = (typeof FORMATS)[number];

/** A raster with slopes and some noise, another for every seed. */
export function raster(width: number, height: number, seed = 1): Raster {
  const random = uniform(seed);
  const [red, green, blue] = [random(), random(), random()];
  const pixels = new Uint8Array(width * height * 3);
  for (let at = 0; at < pixels.length; at++) {
    const pixel = Math.floor(at / 3);
    const slope = [red + (pixel % width) / width, green + Math.floor(pixel / width) / height, blue][at % 3] ?? 0;
    pixels[at] = Math.floor((slope % 1) * 200 + random() * 56);
  }
  return { width, height, pixels };
}

/** A raster of one colour. */
export function flat(width: number, height: number, colour: readonly [number, number, number]): Raster {
  return { width, height, pixels: new Uint8Array(width * height * 3).map((_, at) => colour[at % 3] ?? 0) };
}

/** A raster whose pixel (x, y) is that of `source` at `from(x, y)`. */
export function moved(
  source: Raster,
  width: number,
  height: number,
  from: (x: number, y: number) => [number, number],
): Raster {
  const pixels = new Uint8Array(width * height * 3);
  for (let at = 0; at < width * height; at++) {
    const [x, y] = from(at % width, Math.floor(at / width));
    pixels.set(source.pixels.subarray((y * source.width + x) * 3, (y * source.width + x) * 3 + 3), at * 3);
  }
  return { width, height, pixels };
}

/** The raster as sharp's input. */
export function drawn({ width, height, pixels }: Raster): Sharp {
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** The raster with 16 bits a channel: each value v as 257 v, which is the same colour. */
export function drawnDeep({ width, height, pixels }: Raster): Sharp {
  const deep = Uint16Array.from(pixels, (value) => value * 257);
  return sharp(deep, { raw: { width, height, channels: 3 } }).toColourspace('rgb16');
}

/** The raster with an alpha value for every pixel. */
export function drawnWithAlpha({ width, height, pixels }: Raster, alpha: (pixel: number) => number): Sharp {
  const rgba = new Uint8Array(width * height * 4).map((_, at) => {
    const pixel = Math.floor(at / 4);
    return at % 4 === 3 ? alpha(pixel) : (pixels[pixel * 3 + (at % 4)] ?? 0);
  });
  return sharp(rgba, { raw: { width, height, channels: 4 } });
}

const ENCODERS: Readonly<Record<Format, (image: Sharp) => Sharp>> = {
  jpeg: (image) => image.jpeg({ quality: 90 }),
  png: (image) => image.png({ compressionLevel: 1 }),
  webp: (image) => image.webp({ effort: 0 }),
  avif: (image) => image.avif({ effort: 0 }),
  gif: (image) => image.gif({ effort: 1 }),
  tiff: (image) => image.tiff({ compression: 'lzw' }),
};

/** The raster as a file of the format. */
export async function encoded(source: Raster, format: Format): Promise<Uint8Array> {
  return new Uint8Array(await ENCODERS[format](drawn(source)).toBuffer());
}

/** A file of several frames: the raster's rows dealt out `height / frames` at a time. */
export async function animated(source: Raster, frames: number, format: 'gif' | 'webp'): Promise<Uint8Array> {
  const { width, height, pixels } = source;
  const raw = { width, height, channels: 3, pageHeight: height / frames } as const;
  const image = sharp(pixels, { raw });
  return new Uint8Array(await (format === 'gif' ? image.gif() : image.webp({ lossless: true })).toBuffer());
}

/** The PNG with an ICC profile put on it, its pixels as they are. */
export function pngWithProfile(png: Uint8Array, profile: Uint8Array): Uint8Array {
  const tag = Buffer.concat([Buffer.from('profile\0\0'), deflateSync(profile)]);
  const header = 8 + 25;
  return Buffer.concat([png.subarray(0, header), pngChunk('iCCP', tag), png.subarray(header)]);
}

/** A chunk of a PNG: length, type, data, checksum. */
export function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  frame.set(body, 4);
  frame.writeUInt32BE(crc32(body), body.length + 4);
  return frame;
}
