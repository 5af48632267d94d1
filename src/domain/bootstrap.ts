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

/** What a share is at most, with 95 % confidence, that was seen in no track: the rule of three. */
function ruleOfThree(images: readonly Clustered[]): number {
  return Math.min(1, 3 / new Set(images.map(({ track }) => track)).size);
}

/**
 * A share of images, values 0 and 1, with its interval as `clusteredMean` has it. Where all values are alike the bootstrap
 * has no width: then the bound is that of the rule of three.
 */
export function clusteredShare(images: readonly Clustered[]): ReturnType<typeof clusteredMean> {
  const found = clusteredMean(images);
  if (found.mean === 1) return { mean: 1, interval: [1 - ruleOfThree(images), 1] };
  return found.mean === 0 ? { mean: 0, interval: [0, ruleOfThree(images)] } : found;
}

/** The mean of differences of two such values, image by image; the rule of three where no image differs. */
export function clusteredDifference(images: readonly Clustered[]): ReturnType<typeof clusteredMean> {
  const bound = ruleOfThree(images);
  return images.some(({ value }) => value !== 0) ? clusteredMean(images) : { mean: 0, interval: [-bound, bound] };
}

function ratio(tracks: readonly { sum: number; count: number }[]): number {
  const total = (key: 'sum' | 'count') => tracks.reduce((sum, track) => sum + track[key], 0);
  return total('sum') / total('count');
}
