/**
 * The Tokenizer port: the bytes of an image file to discrete tokens.
 *
 * The same bytes give the same tokens, whatever was tokenized before or is being tokenized beside them. Calls may
 * overlap; each is bounded in memory and time, and a file that kills a decoder costs that file alone.
 *
 * Errors: IMAGE_EMPTY, IMAGE_TOO_LARGE, IMAGE_TOO_MANY_PIXELS, IMAGE_UNSUPPORTED, IMAGE_CORRUPT, IMAGE_TIMEOUT,
 * IMAGE_CRASHED_DECODER, DECODER_UNAVAILABLE (passing), STOPPED (closed).
 */
export interface Tokenizer {
  tokenize(bytes: Uint8Array): Promise<TokenizedImage>;
  close(): Promise<void>;
}

export interface TokenizedImage {
  /** N tokens in raster order, each 0 to V - 1. */
  tokens: Uint16Array;
  /** With a proposer: its log-posterior of each class in units of 2^-12 nat. */
  proposal?: Int32Array;
  /** SHA-256 of the bytes, 32 bytes. */
  digest: Uint8Array;
  /** What the file held: its format as sharp names it, and its size in pixels after orientation. */
  format: string;
  width: number;
  height: number;
}

export interface ImageLimits {
  /** Bytes of the file. */
  maxBytes: number;
  /** Width times height, before any scaling. */
  maxPixels: number;
  /** Time to decode one image. */
  timeoutMs: number;
}
