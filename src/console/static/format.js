const DASH = '–';
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** Numbers that JSON does not know (infinite, not a number) arrive as null. */
const known = (value) => value !== null && value !== undefined;

export const count = (value) => (known(value) ? whole.format(value) : DASH);
export const decimal = (value, digits = 1) => (known(value) ? value.toFixed(digits) : DASH);
export const clock = (ms) => new Date(ms).toLocaleTimeString('en-GB');

export const percent = (share) => (known(share) ? `${Math.round(100 * share)}%` : DASH);

/** A posterior is never quite 0 or 1, even where rounding in the records made it so. */
export function posterior(probability) {
  if (!known(probability)) return DASH;
  if (probability < 0.01) return '<1%';
  return probability > 0.99 ? '>99%' : percent(probability);
}

export function duration(ms) {
  if (!known(ms)) return DASH;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 100_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}

/**
 * The Wilson score interval of a proportion at 95 %
 * (https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval).
 * @returns {[low: number, high: number]}
 */
export function wilson(successes, trials) {
  const z = 1.96;
  const p = successes / trials;
  const centre = p + (z * z) / (2 * trials);
  const spread = z * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials));
  const scale = 1 + (z * z) / trials;
  return [(centre - spread) / scale, (centre + spread) / scale];
}
