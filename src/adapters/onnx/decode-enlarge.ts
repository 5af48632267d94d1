export interface Size {
  width: number;
  height: number;
}

/**
 * Stretches RGB pixels, [height, width, 3], to a size that is no smaller in either direction, by cubic convolution
 * with a = -1/2 (Catmull-Rom; R. Keys, Cubic convolution interpolation for digital image processing, 1981). Pixels are
 * areas, as they are when libvips or Pillow make an image smaller; libvips would move it by half a pixel of the result.
 */
export function enlarge(pixels: Uint8Array, from: Size, to: Size): Uint8Array {
  const wide = stretch(pixels, from.width, to.width, 3);
  return stretch(wide, from.height, to.height, to.width * 3);
}

/** Of values [n, from, inner] makes [n, to, inner]. */
function stretch(source: Uint8Array, from: number, to: number, inner: number): Uint8Array {
  if (from === to) return source;
  const blocks = source.length / (from * inner);
  const target = new Uint8ClampedArray(blocks * to * inner);
  for (let at = 0; at < to; at++) {
    const taps = tapsAt(((at + 0.5) * from) / to - 0.5, from);
    for (let block = 0; block < blocks; block++) {
      for (let value = 0; value < inner; value++) {
        let sum = 0;
        for (const { place, weight } of taps) sum += weight * (source[(block * from + place) * inner + value] ?? 0);
        target[(block * to + at) * inner + value] = sum;
      }
    }
  }
  return new Uint8Array(target.buffer);
}

/** The four places nearest to a point between 0 and length - 1, with the kernel's weights; the border is repeated. */
function tapsAt(point: number, length: number): { place: number; weight: number }[] {
  const first = Math.floor(point) - 1;
  return [0, 1, 2, 3].map((step) => ({
    place: Math.min(Math.max(first + step, 0), length - 1),
    weight: kernel(Math.abs(point - first - step)),
  }));
}

function kernel(distance: number): number {
  if (distance < 1) return 1 - 2.5 * distance ** 2 + 1.5 * distance ** 3;
  return 2 - 4 * distance + 2.5 * distance ** 2 - 0.5 * distance ** 3;
}
