/** PromQL of the dashboard. Every selector is narrowed to the jobs and pipelines that were picked on it. */

const PICKED = 'job=~"$job", pipeline=~"$pipeline"';

function selector(metric: string, matcher?: string): string {
  return `${metric}{${matcher ? `${matcher}, ` : ''}${PICKED}}`;
}

function by(labels: string): string {
  return labels ? ` by (${labels})` : '';
}

/** A gauge added up over processes. */
export function total(metric: string, labels = ''): string {
  return `sum${by(labels)} (${selector(metric)})`;
}

/** The largest a gauge is in a process of each pipeline. */
export function largest(metric: string): string {
  return `max by (job, pipeline) (${selector(metric)})`;
}

/** What a counter gains a second, over all processes. */
export function rate(metric: string, labels = '', matcher?: string): string {
  return `sum${by(labels)} (rate(${selector(metric, matcher)}[$__rate_interval]))`;
}

/** What a counter gained in the time that is shown. */
export function gained(metric: string): string {
  return gain(metric, '$__range');
}

/** What a counter gained since the point before, by its labels. */
export function steps(metric: string, labels: string): string {
  return gain(metric, '$__rate_interval', labels);
}

/**
 * What a counter gained within a window. A series that began in it gained all that it came to: `increase` misses what it
 * began with, and that can be all, since records that were lost are counted in one step. One that was there shortly before
 * the window has not begun, it was only not scraped for some minutes.
 */
function gain(metric: string, window: string, labels = ''): string {
  const series = selector(metric);
  const begun = `max_over_time(${series}[${window}]) unless last_over_time(${series}[15m] offset ${window})`;
  return `sum${by(labels)} ((${begun}) or increase(${series}[${window}]))`;
}

/** A quantile of a histogram over all processes. */
export function quantile(q: number, metric: string, labels = '', matcher?: string): string {
  return `histogram_quantile(${q}, ${rate(`${metric}_bucket`, labels ? `le, ${labels}` : 'le', matcher)})`;
}

/** The mean of a histogram over all processes. Not for one of negative numbers: their sum is no counter. */
export function mean(metric: string, labels = ''): string {
  return `${rate(`${metric}_sum`, labels)} / ${rate(`${metric}_count`, labels)}`;
}

/**
 * Records that wait, by stage and topic of each pipeline; two pipelines of one name have a job each. Each process of a stage
 * reports all of them, so the largest report counts.
 */
export function lag(): string {
  return `max by (job, pipeline, stage, topic) (${selector('ordo_consumer_lag_records')})`;
}

/** How many processes there are. */
export function processes(): string {
  return `count (${selector('process_start_time_seconds')})`;
}

/** A gauge of each process. */
export function each(metric: string, matcher?: string): string {
  return selector(metric, matcher);
}
