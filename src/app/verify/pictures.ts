import { decodeImage } from '../../adapters/onnx/decode.ts';
import type { Model } from '../../adapters/onnx/model.ts';
import { openPainter } from '../../adapters/onnx/painter.ts';
import type { ImageLimits } from '../../ports/tokenizer.ts';
import type { Picture } from './images.ts';

/** Files read at most: each is varied many times. */
export const MOST_PICTURES = 64;
/** Pictures painted. */
const PAINTED = 16;

/** Pictures that a model paints of its classes in turn. The same for the same seed. Errors: MODEL_INVALID. */
export async function paintedPictures(model: Model, seed: number): Promise<Picture[]> {
  const { image, classes } = model.manifest;
  const painter = await openPainter(model);
  try {
    const orders = Array.from({ length: PAINTED }, (_, index) => ({
      classId: index % classes.length,
      seed: (seed + index) >>> 0,
    }));
    const paintings = await painter.paintMany(orders);
    return paintings.map(({ pixels }) => ({ width: image.width, height: image.height, pixels }));
  } finally {
    await painter.close();
  }
}

/** Image files as a model sees them, in its size. Errors: those of `read`, and the IMAGE_* error of a bad one. */
export async function readPictures(
  files: readonly string[],
  read: (file: string) => Promise<Uint8Array>,
  { manifest: { image } }: Model,
  limits: ImageLimits,
): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for (const file of files) {
    const { pixels } = await decodeImage(await read(file), image, limits);
    pictures.push({ width: image.width, height: image.height, pixels });
  }
  return pictures;
}
