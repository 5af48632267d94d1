import { at } from './at.ts';
import { uniform } from './random.ts';

/** A value of one image, and what must not be taken apart: the frames of one object are alike. */
export interface Clustered {
  track: string;
  value: number;
}

const RESAMPLES = 2000;

/**
 * Mean over the images and its 95 % interval by the bootstrap over whole tracks (percentile method; Efron and Tibshirani,
 * 1993, chapter 13): tracks are drawn with replacement, all images of a drawn track counting. A function of its input.
 * NaN where there is no image.
 */
export function clusteredMean(images: readonly Clustered[]): { mean: number; interval: [number, number] } {
  const tracks = [...Map.groupBy(images, ({ track }) => track).values()].map((own) => ({
    sum: own.reduce((sum, { value }) => sum + value, 0),
    count: own.length,
  }));
  const random = uniform(1);
  const means = Array.from({ length: RESAMPLES }, () => {
    const drawn = tracks.map(() => at(tracks, Math.floor(random() * tracks.length)));
    return ratio(drawn);
  }).toSorted((a, b) => a - b);
  const quantile = (share: number) => means[Math.round(share * (RESAMPLES - 1))] ?? Number.NaN;
  return { mean: ratio(tracks), interval: [quantile(0.025), quantile(0.975)] };
}

function ratio(tracks: readonly { sum: number; count: number }[]): number {
  const total = (key: 'sum' | 'count') => tracks.reduce((sum, track) => sum + track[key], 0);
  return total('sum') / total('count');
}
