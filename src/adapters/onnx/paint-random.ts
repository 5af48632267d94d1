/** Uniform numbers in [0, 1) that follow from two whole numbers alone. */
export type Uniform = () => number;

/** The generator sfc32 (Chris Doty-Humphrey, PractRand), seeded with two numbers taken modulo 2^32. */
export function uniformOf(seed: number, stream: number): Uniform {
  let [a, b, c, counter] = [seed | 0, stream | 0, 0x9e3779b9 | 0, 1];
  const next = () => {
    const word = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + word;
    return (word >>> 0) / 2 ** 32;
  };
  for (let warmUp = 0; warmUp < 15; warmUp++) next();
  return next;
}

/** A permutation of 0 to count - 1 (Fisher and Yates). */
export function shuffled(count: number, uniform: Uniform): Int32Array {
  const places = Int32Array.from({ length: count }, (_, place) => place);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(uniform() * (last + 1));
    const place = places[last] ?? 0;
    places[last] = places[other] ?? 0;
    places[other] = place;
  }
  return places;
}

/** Draws an index with probability proportional to exp(logit / temperature). */
export function draw(logits: Float32Array, temperature: number, uniform: Uniform): number {
  const highest = logits.reduce((most, logit) => Math.max(most, logit), -Infinity);
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - highest) / temperature));
  let left = uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  for (let index = 0; index < weights.length; index++) {
    left -= weights[index] ?? 0;
    if (left < 0) return index;
  }
  return logits.indexOf(highest);
}
