import type { Random } from './random.ts';
import { at, drawn, type Raster } from './raster.ts';

/**
 * Something that spoils what a camera sees, with a severity from 0 (next to nothing) to 1 (hard to make out). What it
 * does follows from its arguments.
 */
export type Fault = (raster: Raster, severity: number, random: Random) => Raster;

/** The camera moves while the shutter is open. */
export const motionBlur: Fault = (raster, severity, random) => {
  const angle = random.between(-0.4, 0.4);
  const length = 1 + severity * raster.side * 0.16;
  const steps = Math.ceil(length);
  const offsets = Array.from({ length: steps }, (_, i) => ((i + 0.5) / steps - 0.5) * length);
  return averaged(
    raster,
    offsets.map((offset) => [Math.round(offset * Math.cos(angle)), Math.round(offset * Math.sin(angle))]),
  );
};

/** The lens is out of focus: light of a point falls on a disc. */
export const defocus: Fault = (raster, severity) => {
  const radius = severity * raster.side * 0.06;
  const reach = Math.floor(radius);
  const places: [number, number][] = [];
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) if (Math.hypot(x, y) <= radius) places.push([x, y]);
  }
  return averaged(raster, places);
};

/** Rain: bright slanted streaks, and a veil over everything. */
export const rain: Fault = (raster, severity, random) => {
  const { side } = raster;
  const veil = 0.3 * severity;
  const wet = mapped(raster, (value) => value * (1 - veil) + 165 * veil);
  const slant = random.between(0.15, 0.4);
  for (let drop = 0; drop < severity * side * 0.55; drop++) {
    const [x, y, length] = [random.between(0, side), random.between(-side / 4, side), random.between(0.1, 0.32) * side];
    for (let step = 0; step < length; step++) blend(wet, x - slant * step, y + step, [215, 220, 228], 0.5);
  }
  return wet;
};

/** Too little light: dark, bluish, and with the noise of the sensor. */
export const night: Fault = (raster, severity, random) => {
  const gain = 1 - 0.75 * severity;
  const tint = [0.92, 0.97, 1.12];
  const noise = 4 + 16 * severity;
  return mapped(raster, (value, channel) => value * gain * (tint[channel] ?? 1) + 6 + noise * random.normal());
};

/** A branch, with leaves, in front of the sign. */
export const branch: Fault = (raster, severity, random) => {
  const { side } = raster;
  const covered = mapped(raster, (value) => value);
  const angle = random.between(0.5, 1.1);
  const start = random.between(-0.1, 0.5) * side;
  for (let step = 0; step < side * 1.5; step++) {
    const [x, y] = [step * Math.cos(angle), start + step * Math.sin(angle) * 0.8];
    disc(covered, x, y, side * (0.012 + 0.03 * severity), [52, 40, 30]);
    if (random.next() < 0.05 + 0.2 * severity) {
      const leaf: Colour = [random.between(28, 70), random.between(70, 120), random.between(20, 50)];
      disc(covered, x + side * 0.09 * random.normal(), y + side * 0.09 * random.normal(), side * 0.045, leaf);
    }
  }
  return covered;
};

type Colour = readonly [number, number, number];

function averaged(raster: Raster, places: readonly (readonly [number, number])[]): Raster {
  const sum = new Float64Array(3);
  return drawn(raster.side, (x, y) => {
    sum.fill(0);
    for (const [dx, dy] of places) {
      for (let c = 0; c < 3; c++) sum[c] = (sum[c] ?? 0) + at(raster, x + dx, y + dy, c);
    }
    const [red = 0, green = 0, blue = 0] = sum;
    return [red / places.length, green / places.length, blue / places.length];
  });
}

function mapped({ side, pixels }: Raster, change: (value: number, channel: number) => number): Raster {
  return { side, pixels: pixels.map((value, index) => change(value, index % 3)) };
}

function blend({ side, pixels }: Raster, x: number, y: number, colour: Colour, share: number): void {
  const [column, row] = [Math.round(x), Math.round(y)];
  if (column < 0 || row < 0 || column >= side || row >= side) return;
  const index = (row * side + column) * 3;
  colour.forEach((value, channel) => {
    const place = index + channel;
    pixels[place] = (pixels[place] ?? 0) * (1 - share) + value * share;
  });
}

function disc(raster: Raster, x: number, y: number, radius: number, colour: Colour): void {
  for (let dy = -Math.ceil(radius); dy <= radius; dy++) {
    for (let dx = -Math.ceil(radius); dx <= radius; dx++) {
      if (Math.hypot(dx, dy) <= radius) blend(raster, x + dx, y + dy, colour, 1);
    }
  }
}
