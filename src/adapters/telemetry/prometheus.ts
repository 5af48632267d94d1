import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { METRICS, type MetricDefinition } from '../../ports/metrics.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { unrecordedSpan } from './silent.ts';

export interface PrometheusTelemetry {
  telemetry: Telemetry;
  /** All metrics, in the Prometheus text format. */
  scrape: () => Promise<string>;
  /** The media type of what `scrape` gives. */
  contentType: string;
}

export interface PrometheusOptions {
  /** The value of the label `pipeline` on every series. Default: there is no such label. */
  pipeline?: string;
  /** Where spans go (adapters/telemetry/tracing.ts). Default: nowhere. */
  span?: Telemetry['span'];
}

/**
 * Telemetry that Prometheus scrapes: the metrics of ports/metrics.ts and those of the process (`process_`, `nodejs_`),
 * in a registry of its own.
 */
export function prometheusTelemetry({ pipeline, span = unrecordedSpan }: PrometheusOptions = {}): PrometheusTelemetry {
  const registry = new Registry();
  if (pipeline !== undefined) registry.setDefaultLabels({ pipeline });
  collectDefaultMetrics({ register: registry });
  const instruments = registerAll(registry);
  return {
    telemetry: {
      count: (metric, labels, value = 1) => {
        if (value >= 0 && Number.isFinite(value)) instruments.counters.get(metric)?.inc(labels, value);
      },
      observe: (metric, labels, value) => {
        if (Number.isFinite(value)) instruments.histograms.get(metric)?.observe(labels, value);
      },
      set: (metric, labels, value) => {
        if (Number.isFinite(value)) instruments.gauges.get(metric)?.set(labels, value);
      },
      unset: (metric, labels) => instruments.gauges.get(metric)?.remove(labels),
      span,
    },
    scrape: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function registerAll(registry: Registry) {
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  for (const [name, definition] of Object.entries<MetricDefinition>(METRICS)) {
    const { type, help, labels, buckets = [] } = definition;
    const config = { name, help, labelNames: labels, registers: [registry] };
    if (type === 'counter') counters.set(name, new Counter(config));
    else if (type === 'gauge') gauges.set(name, new Gauge(config));
    else histograms.set(name, new Histogram({ ...config, buckets: [...buckets] }));
  }
  return { counters, gauges, histograms };
}
