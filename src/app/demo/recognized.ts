import { encodePng, rasterOf } from './raster.ts';
import type { SignPainter } from './signs.ts';

/** Pictures painted of a class before it is left out. */
const TRIES = 4;

/**
 * A painter that keeps only pictures which the model, seeing them unspoilt, names by the class it painted. A model does
 * not always paint what it meant to; kept like this, what goes wrong later is the doing of the camera faults.
 */
export function recognizedPainter(
  painter: { paint(request: { classId: number; seed: number; temperature: number }): Promise<{ pixels: Uint8Array }> },
  recognize: (file: Uint8Array) => Promise<number>,
): SignPainter {
  return {
    async paint({ classId, seed, temperature }) {
      for (let attempt = 0; attempt < TRIES; attempt++) {
        const painting = await painter.paint({ classId, seed: seed * TRIES + attempt, temperature });
        const file = await encodePng(rasterOf(Math.sqrt(painting.pixels.length / 3), painting.pixels));
        if ((await recognize(file)) === classId) return painting;
      }
      return undefined;
    },
  };
}
