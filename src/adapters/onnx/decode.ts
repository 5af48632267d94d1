import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import { OrdoError } from '../../errors.ts';
import { enlarge, type Size } from './decode-enlarge.ts';
import { admitImage, type ImageFormat } from './decode-format.ts';
import type { Manifest } from './manifest.ts';

/** What an image is brought to: width and height in pixels, and how another shape is made to fit. */
export type PixelShape = Manifest['image'];

export interface DecodeLimits {
  maxBytes: number;
  maxPixels: number;
}

export interface DecodedImage {
  /** sRGB, 8 bits, [height, width, 3] of the shape asked for. */
  pixels: Uint8Array;
  /** What the file held, its size after orientation. */
  format: ImageFormat;
  width: number;
  height: number;
}

/** What shows through transparent pixels: mid-grey, neither bright nor dark. */
const BACKGROUND = { r: 128, g: 128, b: 128 };

// One image at a time, each from scratch: nothing of one file reaches the next.
sharp.cache(false);
sharp.concurrency(1);
// Hostile bytes get no further than the loaders of the formats above, whatever else libvips was built with.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map((format) => `VipsForeignLoad${format}Buffer`),
});

/**
 * Decodes an image file (JPEG, PNG, WebP, AVIF, GIF, TIFF; the first frame or page) to the pixels that the encoder
 * takes: EXIF orientation applied, colours brought to sRGB (by the embedded ICC profile; CMYK without one by a generic
 * press profile), 16 bits rounded to 8, grey spread to RGB, transparency laid on mid-grey, then resampled with the
 * Catmull-Rom kernel, widened where pixels are averaged. An opaque 8-bit sRGB image that has the shape already passes
 * through unchanged.
 *
 * The size in pixels is read from the header and refused before anything is decoded. A truncated file is refused:
 * what could be read of it is never returned.
 *
 * Errors: IMAGE_EMPTY, IMAGE_TOO_LARGE, IMAGE_TOO_MANY_PIXELS, IMAGE_UNSUPPORTED, IMAGE_CORRUPT.
 */
export async function decodeImage(bytes: Uint8Array, shape: PixelShape, limits: DecodeLimits): Promise<DecodedImage> {
  const format = admitImage(bytes, limits.maxBytes);
  const header = await readable(format, () => open(bytes, { limitInputPixels: false }).metadata());
  requirePixels(header.autoOrient, limits.maxPixels);
  const kept = reduced(shape, header.autoOrient);
  const pixels = await readable(format, () => readPixels(bytes, header, kept, limits));
  return { pixels: enlarge(pixels, kept, shape), format, ...header.autoOrient };
}

function requirePixels({ width, height }: Size, maxPixels: number): void {
  if (width * height <= maxPixels) return;
  const message = `the image has ${width} x ${height} pixels, the limit is ${maxPixels}`;
  throw new OrdoError('IMAGE_TOO_MANY_PIXELS', message);
}

async function readPixels(
  bytes: Uint8Array,
  header: Metadata,
  shape: PixelShape,
  { maxPixels }: DecodeLimits,
): Promise<Uint8Array> {
  const options = { limitInputPixels: maxPixels };
  const source = profiledDeep(header) ? await toEightBits(bytes, shape, options) : bytes;
  const { data, info } = await shaped(open(source, options), shape).raw().toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`it has ${header.channels} channels of the kind ${header.space}`);
  return new Uint8Array(data.buffer, data.byteOffset, data.length);
}

function open(bytes: Uint8Array, options: SharpOptions): Sharp {
  return sharp(bytes, { failOn: 'error', autoOrient: true, ...options });
}

/** The shape as far as it can be reached by cropping and making smaller. */
function reduced({ width, height, fit }: PixelShape, image: Size): PixelShape {
  const scale = fit === 'cover' ? Math.max(1, width / image.width, height / image.height) : 1;
  const side = (wanted: number, there: number) => Math.min(there, Math.max(1, Math.round(wanted / scale)));
  return { fit, width: side(width, image.width), height: side(height, image.height) };
}

function shaped(image: Sharp, { width, height, fit }: PixelShape): Sharp {
  return image
    .flatten({ background: BACKGROUND })
    .resize({ width, height, fit, kernel: 'cubic', fastShrinkOnLoad: false })
    .toColourspace('srgb');
}

function profiledDeep({ space, hasProfile }: Metadata): boolean {
  return hasProfile && space === 'rgb16';
}

/** sharp takes 16-bit colours through Display P3 and leaves them there, so the profile is applied to 8-bit ones. */
function toEightBits(bytes: Uint8Array, shape: PixelShape, options: SharpOptions): Promise<Buffer> {
  return shaped(open(bytes, options), shape).keepIccProfile().png({ compressionLevel: 0 }).toBuffer();
}

async function readable<T>(format: ImageFormat, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    const [first = ''] = String(cause instanceof Error ? cause.message : cause).split('\n');
    const reason = first.replace(/^Input buffer has corrupt header:? */, '') || 'damaged header';
    throw new OrdoError('IMAGE_CORRUPT', `cannot decode the ${format} image: ${reason}`, { cause });
  }
}
