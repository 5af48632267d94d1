import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ImageLimits, Tokenizer } from '../../ports/tokenizer.ts';
import { admitImage } from './decode-format.ts';
import { startDecoder } from './decoder-child.ts';
import type { DecoderSetup } from './decoder-messages.ts';
import { DecoderPool } from './decoder-pool.ts';
import type { GraphFile } from './graph-file.ts';
import type { Model } from './model.ts';

const SCRIPT = new URL(`./decoder-process${extname(fileURLToPath(import.meta.url))}`, import.meta.url);

/** Node, libvips and a session take about 150 MiB; the rest is for the encoder and for what a decoder keeps. */
const BASE_BYTES = 512 * 2 ** 20;

/** The hungriest format, AVIF, takes 16 bytes a pixel of 8-bit colour. */
const BYTES_PER_PIXEL = 24;

export interface TokenizerOptions {
  /** Decoder processes, 1 or more: so many images are decoded and encoded side by side, on one thread each. */
  processes: number;
  /** The proposer graph; absent: images have no proposal. */
  proposer?: GraphFile;
}

/**
 * A tokenizer that decodes and encodes in processes of its own, one image at a time in each, so that neither a crash
 * of the image library nor its memory nor a long decode touches this one. Images are taken first in, first out.
 *
 * A decoder process ends itself, as if it had crashed, when an image makes it hold more than 512 MiB and 24 bytes for
 * each pixel allowed. It looks every 10 ms, so a limit that must hold at every moment is the container's to set. One
 * that holds more than 512 MiB after an image is replaced.
 *
 * Errors: MODEL_INVALID (the encoder or the proposer does not fit the manifest), DECODER_UNAVAILABLE.
 */
export async function openTokenizer(model: Model, limits: ImageLimits, options: TokenizerOptions): Promise<Tokenizer> {
  const { image, tokens, classes } = model.manifest;
  const { maxBytes, maxPixels, timeoutMs } = limits;
  const setup: DecoderSetup = {
    encoder: model.graph('encoder.onnx'),
    image,
    tokens,
    ...(options.proposer !== undefined && { proposer: { ...options.proposer, classes: classes.length } }),
    limits: { maxBytes, maxPixels },
    memoryBytes: BASE_BYTES + BYTES_PER_PIXEL * maxPixels,
  };
  const pool = await DecoderPool.open({
    start: () => startDecoder(SCRIPT, setup),
    processes: options.processes,
    timeoutMs,
    recycleBytes: BASE_BYTES,
  });
  return {
    async tokenize(bytes) {
      admitImage(bytes, maxBytes);
      return pool.decode(bytes);
    },
    close: () => pool.close(),
  };
}
