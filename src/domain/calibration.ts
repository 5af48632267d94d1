import { at } from './at.ts';
/** A labelled image: its posteriors by class id, and the class it truly is. */
export interface LabelledPosteriors {
  posteriors: ArrayLike<number>;
  label: number;
}

/** How good a set of posteriors is. */
export interface CalibrationSummary {
  /** Share of the images whose most probable class (the lower id, if several are) is the true one. */
  accuracy: number;
  /** Mean of -log(posterior of the true class), nats; a posterior of 0 counts as the smallest double, about 744 nats. */
  nll: number;
  /** Expected calibration error of the most probable class, 0 to 1. */
  ece: number;
}

const BINS = 15;

/**
 * Accuracy, negative log-likelihood and expected calibration error over at least one image; NaN over none.
 * The calibration error is that of Guo et al., "On Calibration of Modern Neural Networks" (ICML 2017), equation 3:
 * 15 bins of equal width over the confidence, bin m taking ((m - 1) / 15, m / 15], the gap between a bin's accuracy
 * and its mean confidence weighted by its share of the images.
 */
export function summarize(results: readonly LabelledPosteriors[]): CalibrationSummary {
  const bins = Array.from({ length: BINS }, () => ({ right: 0, confidence: 0 }));
  let right = 0;
  let nll = 0;
  for (const { posteriors, label } of results) {
    const named = mostProbable(posteriors);
    const confidence = posteriors[named] ?? 0;
    const hit = named === label ? 1 : 0;
    const bin = bins[Math.max(0, Math.ceil(confidence * BINS) - 1)] ?? at(bins, BINS - 1);
    bin.right += hit;
    bin.confidence += confidence;
    right += hit;
    nll -= Math.log(Math.max(posteriors[label] ?? 0, Number.MIN_VALUE));
  }
  const gaps = bins.reduce((sum, bin) => sum + Math.abs(bin.right - bin.confidence), 0);
  return { accuracy: right / results.length, nll: nll / results.length, ece: gaps / results.length };
}

function mostProbable(posteriors: ArrayLike<number>): number {
  let best = 0;
  for (let c = 1; c < posteriors.length; c++) if (at(posteriors, c) > at(posteriors, best)) best = c;
  return best;
}
