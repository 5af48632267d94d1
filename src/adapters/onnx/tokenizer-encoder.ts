import { Tensor } from 'onnxruntime-node';
import { OrdoError } from '../../errors.ts';
import type { GraphFile } from './graph-file.ts';
import type { Manifest } from './manifest.ts';
import { openSession, SIGNATURES } from './session.ts';

/** The encoder graph: pixels to tokens, one image at a time, so that no result depends on a batch. */
export interface Encoder {
  /** `pixels` is [height, width, 3], sRGB; gives N tokens in raster order. */
  encode(pixels: Uint8Array): Promise<Uint16Array>;
}

/**
 * Opens the encoder and tries it on a black image.
 * Errors: those of `openSession`; MODEL_INVALID where the graph does not do what the manifest says.
 */
export async function openEncoder(
  graph: GraphFile,
  { image, tokens }: Pick<Manifest, 'image' | 'tokens'>,
): Promise<Encoder> {
  const session = await openSession(graph, SIGNATURES.encoder);
  const shape = [1, image.height, image.width, 3];

  async function encode(pixels: Uint8Array): Promise<Uint16Array> {
    const output = await session.run({ image: new Tensor('uint8', pixels, shape) });
    const { data } = output.tokens ?? {};
    if (
      data instanceof Int32Array &&
      data.length === tokens.positions &&
      data.every((token) => token >= 0 && token < tokens.codes)
    ) {
      return Uint16Array.from(data);
    }
    throw new Error(`it does not give ${tokens.positions} int32 tokens below ${tokens.codes}`);
  }

  await encode(new Uint8Array(image.height * image.width * 3)).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OrdoError(
      'MODEL_INVALID',
      `${graph.path} does not encode a ${image.width} x ${image.height} image: ${reason}`,
      { cause },
    );
  });
  return { encode };
}
