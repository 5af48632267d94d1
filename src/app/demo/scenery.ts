import type { Random } from './random.ts';
import { drawn, type Raster } from './raster.ts';

/** A picture of no sign at all, such as a detector takes for one now and then. */
export function scenery(random: Random, side = 32): Raster {
  return random.pick([sky, bricks, foliage, static_])(random, side);
}

type Painter = (random: Random, side: number) => Raster;

const sky: Painter = (random, side) => {
  const tilt = random.between(-0.6, 0.6);
  const [dark, light] = [random.between(60, 120), random.between(170, 245)];
  return drawn(side, (x, y) => {
    const value = dark + ((light - dark) * (y + tilt * x)) / side;
    return [value * 0.86, value * 0.95, value * 1.05];
  });
};

const bricks: Painter = (random, side) => {
  const rows = 4 + random.below(5);
  const tone = random.between(90, 160);
  return drawn(side, (x, y) => {
    const row = Math.floor((y / side) * rows);
    const column = ((x / side) * rows) / 2 + (row % 2) / 2;
    const mortar = (y / side) * rows - row < 0.15 || column % 1 < 0.08;
    return mortar ? [185, 180, 172] : [tone, tone * 0.55, tone * 0.45];
  });
};

const foliage: Painter = (random, side) => {
  const coarse = Array.from({ length: 64 }, () => random.between(0.25, 1));
  return drawn(side, (x, y) => {
    const patch = coarse[Math.floor((y / side) * 8) * 8 + Math.floor((x / side) * 8)] ?? 1;
    const value = 140 * patch * random.between(0.6, 1.15);
    return [value * 0.55, value, value * 0.4];
  });
};

const static_: Painter = (random, side) => {
  const spread = random.between(25, 70);
  return drawn(side, () => {
    const value = 128 + spread * random.normal();
    return [value, value + 10 * random.normal(), value + 10 * random.normal()];
  });
};
