import { OrdoError } from '../../errors.ts';

/** The formats that are decoded, as sharp names them; `heif` holds AVIF only. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'heif';

/** Longest file-type box that is searched for brands. */
const MAX_BRANDS_BYTES = 256;

const MAGIC: readonly [ImageFormat, (bytes: Buffer) => boolean][] = [
  ['jpeg', (bytes) => startsWith(bytes, 'ffd8ff')],
  ['png', (bytes) => startsWith(bytes, '89504e470d0a1a0a')],
  ['gif', (bytes) => ['GIF87a', 'GIF89a'].includes(ascii(bytes, 0, 6))],
  ['webp', (bytes) => ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP'],
  ['tiff', (bytes) => ['49492a00', '4d4d002a', '49492b00', '4d4d002b'].some((magic) => startsWith(bytes, magic))],
  ['heif', isAvif],
];

/**
 * Admits a file to decoding by its size and first bytes, and tells its format. The table is closed: bytes that match
 * none of it never reach a decoder.
 * Errors: IMAGE_EMPTY, IMAGE_TOO_LARGE, IMAGE_UNSUPPORTED.
 */
export function admitImage(bytes: Uint8Array, maxBytes: number): ImageFormat {
  if (bytes.length === 0) throw new OrdoError('IMAGE_EMPTY', 'the image has no bytes');
  if (bytes.length > maxBytes) {
    throw new OrdoError('IMAGE_TOO_LARGE', `the image has ${bytes.length} bytes, the limit is ${maxBytes}`);
  }
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const found = MAGIC.find(([, matches]) => matches(view));
  if (found) return found[0];
  const start = view.toString('hex', 0, 12);
  throw new OrdoError('IMAGE_UNSUPPORTED', `not JPEG, PNG, WebP, AVIF, GIF or TIFF: the image begins with ${start}`);
}

/** ISO/IEC 14496-12: a file-type box first, whose major or compatible brands name AVIF (av1-avif, section 6). */
function isAvif(bytes: Buffer): boolean {
  if (ascii(bytes, 4, 8) !== 'ftyp') return false;
  const end = Math.min(bytes.readUInt32BE(0), bytes.length, MAX_BRANDS_BYTES);
  for (let at = 8; at + 4 <= end; at += 4) {
    if (at !== 12 && ['avif', 'avis'].includes(ascii(bytes, at, at + 4))) return true;
  }
  return false;
}

function startsWith(bytes: Buffer, hex: string): boolean {
  return bytes.toString('hex', 0, hex.length / 2) === hex;
}

function ascii(bytes: Buffer, from: number, to: number): string {
  return bytes.toString('latin1', from, to);
}
