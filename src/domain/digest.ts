import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { OrdoError } from '../errors.ts';

/** SHA-256 (FIPS 180-4) of the bytes, 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes);
}

/** Lower-case hexadecimal, two digits a byte. */
export function toHex(bytes: Uint8Array): string {
  return bytesToHex(bytes);
}

/** Bytes of hexadecimal text of either case; callers check text from outside first. Errors: INTERNAL for anything else. */
export function fromHex(text: string): Uint8Array {
  try {
    return hexToBytes(text);
  } catch (cause) {
    throw new OrdoError('INTERNAL', `not hexadecimal: ${JSON.stringify(text.slice(0, 80))}`, { cause });
  }
}
