import type { Uniform } from './paint-random.ts';

/** The encoder divides an image by 2.5 x (its contrast + 0.03): Normalize in training/ordo_training/tokenizer.py. */
const REACH = 2.5;
const FLOOR = 0.03;

/**
 * Puts light back on a decoded image, which has none (mean 0, reaching from about -1 to 1): a mean level and a contrast
 * of their own, as far as they fit into sRGB. Gives 8 bits a channel.
 */
export function lit(image: Float32Array, uniform: Uniform): Uint8Array {
  const mean = -0.45 + 0.6 * uniform();
  const room = (1 - Math.abs(mean)) / REACH;
  const contrast = (0.55 + 0.5 * uniform()) * room;
  const scale = REACH * Math.min(room, contrast + FLOOR);
  return new Uint8Array(Uint8ClampedArray.from(image, (value) => (mean + scale * value + 1) * 127.5).buffer);
}
