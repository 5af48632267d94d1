import sharp, { type Sharp } from 'sharp';

/** A square picture: [side, side, 3] row-major, RGB, 0 to 255. Values outside are cut off when it is encoded. */
export interface Raster {
  side: number;
  pixels: Float32Array;
}

export function rasterOf(side: number, pixels: ArrayLike<number>): Raster {
  return { side, pixels: Float32Array.from(pixels) };
}

/** A raster computed place by place. */
export function drawn(side: number, colour: (x: number, y: number) => readonly [number, number, number]): Raster {
  const pixels = new Float32Array(side * side * 3);
  for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) pixels.set(colour(x, y), (y * side + x) * 3);
  return { side, pixels };
}

/** What a sensor with `side` pixels across sees of the picture: means over areas. Gives the raster back if it is no larger. */
export function shrink(raster: Raster, side: number): Raster {
  if (side >= raster.side) return raster;
  const step = raster.side / side;
  return drawn(side, (x, y) => meanOver(raster, x * step, y * step, step));
}

function meanOver(raster: Raster, left: number, top: number, size: number): [number, number, number] {
  const sum = new Float64Array(3);
  let weights = 0;
  for (let y = Math.floor(top); y < Math.min(raster.side, top + size); y++) {
    const rowWeight = Math.min(y + 1, top + size) - Math.max(y, top);
    for (let x = Math.floor(left); x < Math.min(raster.side, left + size); x++) {
      const weight = rowWeight * (Math.min(x + 1, left + size) - Math.max(x, left));
      weights += weight;
      for (let c = 0; c < 3; c++) sum[c] = (sum[c] ?? 0) + weight * at(raster, x, y, c);
    }
  }
  const [red = 0, green = 0, blue = 0] = sum;
  return [red / weights, green / weights, blue / weights];
}

/** The picture on `side` pixels, interpolated bilinearly: moved by a share of its width and height, and enlarged. */
export function project(raster: Raster, side: number, { dx = 0, dy = 0, zoom = 1 } = {}): Raster {
  const place = (i: number, shift: number) => ((i + 0.5) / side - 0.5 - shift) / zoom + 0.5;
  return drawn(side, (x, y) => bilinear(raster, place(x, dx) * raster.side - 0.5, place(y, dy) * raster.side - 0.5));
}

function bilinear(raster: Raster, x: number, y: number): [number, number, number] {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [fx, fy] = [x - left, y - top];
  const mix = (c: number) =>
    (1 - fy) * ((1 - fx) * at(raster, left, top, c) + fx * at(raster, left + 1, top, c)) +
    fy * ((1 - fx) * at(raster, left, top + 1, c) + fx * at(raster, left + 1, top + 1, c));
  return [mix(0), mix(1), mix(2)];
}

/** The value of a channel at a place; beyond the edge, that of the edge. */
export function at({ side, pixels }: Raster, x: number, y: number, channel: number): number {
  const [inX, inY] = [Math.min(side - 1, Math.max(0, x)), Math.min(side - 1, Math.max(0, y))];
  return pixels[(inY * side + inX) * 3 + channel] ?? 0;
}

/** The raster as a JPEG file of the quality, 1 to 100. */
export async function encodeJpeg(raster: Raster, quality: number): Promise<Uint8Array> {
  return toSharp(raster).jpeg({ quality }).toBuffer();
}

/** The raster as a PNG file, pixel for pixel. */
export async function encodePng(raster: Raster): Promise<Uint8Array> {
  return toSharp(raster).png().toBuffer();
}

function toSharp({ side, pixels }: Raster): Sharp {
  return sharp(Uint8ClampedArray.from(pixels), { raw: { width: side, height: side, channels: 3 } });
}
