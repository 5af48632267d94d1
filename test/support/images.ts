import { deflateSync } from 'node:zlib';
import { encoded, FORMATS, type Format, flat, pngChunk, raster } from './images-raster.ts';
import { uniform } from '../../src/domain/random.ts';

export interface NamedImage {
  name: string;
  bytes: Uint8Array;
}

/** First bytes of files that must never reach a decoder. */
export const FOREIGN: readonly NamedImage[] = [
  { name: 'text', bytes: Buffer.from('not an image at all, only a few words') },
  { name: 'SVG', bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect/></svg>') },
  { name: 'XML before SVG', bytes: Buffer.from('<?xml version="1.0"?><svg width="9" height="9"></svg>') },
  { name: 'PDF', bytes: Buffer.from('%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n') },
  { name: 'BMP', bytes: Buffer.concat([Buffer.from('BM'), Buffer.alloc(60)]) },
  { name: 'PPM', bytes: Buffer.from('P6 1 1 255 \0\0\0') },
  { name: 'Radiance', bytes: Buffer.from('#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n\0\0\0\0') },
  { name: 'HEIC', bytes: Buffer.from('00000018667479706865696300000000686569636d696631', 'hex') },
  { name: 'MP4', bytes: Buffer.from('0000001c667479706d703432000000006d70343269736f6d61766331', 'hex') },
  { name: 'RIFF of sound', bytes: Buffer.from('RIFF\x24\0\0\0WAVEfmt ', 'latin1') },
  { name: 'JPEG XL', bytes: Buffer.from('ff0a7f00904f', 'hex') },
  { name: 'JPEG 2000', bytes: Buffer.from('0000000c6a5020200d0a870a', 'hex') },
  { name: 'a libvips file', bytes: Buffer.from('b6a6f208'.padEnd(140, '0'), 'hex') },
  { name: 'one byte', bytes: Buffer.from([0xff]) },
];

const MAGIC: readonly [string, Buffer][] = [
  ['JPEG', Buffer.from('ffd8ffe0', 'hex')],
  ['PNG', Buffer.from('89504e470d0a1a0a', 'hex')],
  ['GIF', Buffer.from('GIF89a')],
  ['WebP', Buffer.from('RIFF\xff\x0f\0\0WEBPVP8 ', 'latin1')],
  ['TIFF', Buffer.from('49492a0008000000', 'hex')],
  ['AVIF', Buffer.from('0000001c6674797061766966000000006d69663161766966', 'hex')],
];

/** The first `share` of a file, 0 to 1. */
export function truncated(bytes: Uint8Array, share: number): Uint8Array {
  return bytes.slice(0, Math.floor(bytes.length * share));
}

/** A PNG of 8-bit RGB whose header claims this size and whose data is what is given. */
export function pngClaiming(width: number, height: number, data = deflateSync(Buffer.alloc(64))): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const chunks = [pngChunk('IHDR', header), pngChunk('IDAT', data), pngChunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...chunks]);
}

/** A GIF whose canvas and only frame are said to be 65,535 x 65,535, with data for one pixel. */
export function gifOfHugeCanvas(): Uint8Array {
  const screen = Buffer.from('ffffffff800000000000ffffff', 'hex');
  const frame = Buffer.from('2c00000000ffffffff0002024401003b', 'hex');
  return Buffer.concat([Buffer.from('GIF89a'), screen, frame]);
}

/** Side of the bombs in pixels: nearly five megapixels in a few kilobytes. */
export const BOMB_SIDE = 2200;

let made: Promise<(NamedImage & { format: Format })[]> | undefined;

/** A whole image of one colour in every format, small in bytes and large in pixels. */
export function bombs(): Promise<(NamedImage & { format: Format })[]> {
  const black = flat(BOMB_SIDE, BOMB_SIDE, [0, 0, 0]);
  made ??= Promise.all(
    FORMATS.map(async (format) => ({ format, name: `${format} bomb`, bytes: await encoded(black, format) })),
  );
  return made;
}

/**
 * `count` files that are damaged, hostile or no images, a function of `seed`: empty, foreign, noise with and without
 * a valid start, cut short, bits flipped, parts repeated or exchanged, and sizes that no memory holds. A few of those
 * with flipped bits still are whole images.
 */
export async function badImages(seed: number, count: number): Promise<NamedImage[]> {
  const random = uniform(seed);
  const sources = await Promise.all(FORMATS.map((format) => encoded(raster(24, 20, seed), format)));
  const huge = [...(await bombs()), ...HUGE];
  const kinds: readonly ((draw: Draw) => NamedImage)[] = [
    () => ({ name: 'empty', bytes: new Uint8Array() }),
    ({ one }) => one(FOREIGN),
    ({ one }) => one(huge),
    ({ noise }) => ({ name: 'noise', bytes: noise(200) }),
    ({ one, noise }) => withMagic(one(MAGIC), noise(400)),
    ({ file }) => ({ name: 'cut short', bytes: truncated(file(), random()) }),
    ({ file, below }) => flipped(file(), 1 + below(3), 64, below),
    ({ file, below }) => flipped(file(), 1 + below(20), Number.POSITIVE_INFINITY, below),
    ({ file, below }) => ({
      name: 'part repeated',
      bytes: Buffer.concat([file().subarray(0, 40 + below(200)), file()]),
    }),
    ({ file, below }) => exchanged(file(), file(), below),
  ];
  const draw = drawFrom(random, sources);
  return Array.from({ length: count }, (_, index) => {
    const { name, bytes } = (kinds[index % kinds.length] ?? draw.one(kinds))(draw);
    return { name: `${index}: ${name}`, bytes };
  });
}

const HUGE: readonly NamedImage[] = [
  { name: 'PNG claiming 30,000 x 30,000', bytes: pngClaiming(30_000, 30_000) },
  { name: 'PNG claiming all it can', bytes: pngClaiming(0x7fffffff, 0x7fffffff) },
  { name: 'GIF of a huge canvas', bytes: gifOfHugeCanvas() },
];

interface Draw {
  below: (limit: number) => number;
  one: <T>(items: readonly T[]) => T;
  noise: (most: number) => Buffer;
  /** One of the whole files. */
  file: () => Uint8Array;
}

function drawFrom(random: () => number, sources: readonly Uint8Array[]): Draw {
  const below = (limit: number) => Math.floor(random() * limit);
  function one<T>(items: readonly T[]): T {
    const item = items[below(items.length)];
    if (item === undefined) throw new Error('nothing to draw from');
    return item;
  }
  const noise = (most: number) => Buffer.from(Array.from({ length: 1 + below(most) }, () => below(256)));
  return { below, one, noise, file: () => one(sources) };
}

function withMagic([name, magic]: readonly [string, Buffer], noise: Buffer): NamedImage {
  return { name: `noise that begins as ${name}`, bytes: Buffer.concat([magic, noise]) };
}

function flipped(source: Uint8Array, flips: number, within: number, below: Draw['below']): NamedImage {
  const bytes = source.slice();
  for (let flip = 0; flip < flips; flip++) {
    const at = below(Math.min(within, bytes.length));
    bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
  }
  return { name: `${flips} bits flipped`, bytes };
}

function exchanged(head: Uint8Array, tail: Uint8Array, below: Draw['below']): NamedImage {
  const bytes = Buffer.concat([head.subarray(0, 16 + below(head.length)), tail.subarray(below(tail.length))]);
  return { name: 'head and tail of two files', bytes };
}
