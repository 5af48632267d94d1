import type { Metric, MetricLabels } from './metrics.ts';

/**
 * The Telemetry port: counts, distributions, levels and spans. Never throws, never blocks.
 * The metrics are those of ports/metrics.ts and no others.
 */
export interface Telemetry {
  /** Adds to a counter. */
  count<M extends Metric<'counter'>>(metric: M, labels: MetricLabels<M>, value?: number): void;
  /** Adds a measurement to a histogram, in the metric's own unit. */
  observe<M extends Metric<'histogram'>>(metric: M, labels: MetricLabels<M>, value: number): void;
  /** Sets a gauge. */
  set<M extends Metric<'gauge'>>(metric: M, labels: MetricLabels<M>, value: number): void;
  /** Takes a gauge away under these labels, until it is set again: what is not known is better absent than old. */
  unset<M extends Metric<'gauge'>>(metric: M, labels: MetricLabels<M>): void;

  /**
   * Starts a span. `parent` are a record's headers (W3C trace context); absent or without a traceparent, a new trace.
   */
  span(name: string, options: SpanOptions): Span;
}

export interface SpanOptions {
  kind: 'consumer' | 'producer' | 'internal';
  parent?: Readonly<Record<string, string>>;
  attributes?: Readonly<Record<string, string | number>>;
}

export interface Span {
  /** Headers that carry this span to the records that follow from it; empty when tracing is off. */
  headers(): Record<string, string>;
  /** Ends the span, as failed if an error is given. */
  end(error?: unknown): void;
}
