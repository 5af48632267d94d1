/**
 * Every metric that Ordo exposes, by Prometheus' naming rules. The one list: adapters register it, dashboards read it.
 * A process of a pipeline says its name in the label `pipeline` of all of them.
 */
export const METRICS = {
  ordo_records_consumed_total: { type: 'counter', help: 'Records taken from the log.', labels: ['stage', 'topic'] },
  ordo_records_published_total: { type: 'counter', help: 'Records put on the log.', labels: ['stage', 'topic'] },
  ordo_records_lost_total: {
    type: 'counter',
    help: 'Records deleted by retention before the stage read them.',
    labels: ['stage', 'topic'],
  },
  ordo_images_total: { type: 'counter', help: 'Images that reached their outcome.', labels: ['outcome'] },
  ordo_dead_letters_total: { type: 'counter', help: 'Records set aside as dead letters.', labels: ['stage', 'code'] },
  ordo_retries_total: { type: 'counter', help: 'Attempts repeated after a passing error.', labels: ['stage', 'code'] },
  ordo_stage_seconds: {
    type: 'histogram',
    help: 'Time from taking a record to having its outputs ready.',
    labels: ['stage'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  ordo_record_age_seconds: {
    type: 'histogram',
    help: 'Age of a record in the log when a stage took it (queue time).',
    labels: ['stage'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800],
  },
  ordo_image_seconds: {
    type: 'histogram',
    help: 'Time from an image being taken to its outcome.',
    labels: ['outcome'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800],
  },
  ordo_consumer_lag_records: { type: 'gauge', help: 'Records a stage has yet to read.', labels: ['stage', 'topic'] },
  ordo_in_flight_records: { type: 'gauge', help: 'Records taken and not yet committed.', labels: ['stage'] },
  ordo_order_ceiling: {
    type: 'gauge',
    help: 'Most orders that images which begin now are read in; 0 in a process without the tokenize stage.',
    labels: [],
  },
  ordo_rows_total: { type: 'counter', help: '(order x class) rows scored.', labels: ['prefix'] },
  ordo_tiles_total: { type: 'counter', help: 'Tiles scored, by why they were sent.', labels: ['prefix', 'flush'] },
  ordo_tile_fill_ratio: {
    type: 'histogram',
    help: 'Share of a tile that was real rows.',
    labels: ['prefix'],
    buckets: [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1],
  },
  ordo_tile_wait_seconds: {
    type: 'histogram',
    help: 'Time a tile waited from its first row to being sent.',
    labels: ['prefix'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5],
  },
  ordo_tile_seconds: {
    type: 'histogram',
    help: 'Time to score a tile.',
    labels: ['prefix'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  },
  ordo_image_rows: {
    type: 'histogram',
    help: 'Rows scored for an image.',
    labels: [],
    buckets: [1, 2, 3, 4, 6, 8, 12, 16, 25, 50, 100, 250, 500, 1000, 2500],
  },
  ordo_image_orders: {
    type: 'histogram',
    help: 'Orders read for an image.',
    labels: [],
    buckets: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32],
  },
  ordo_image_log_evidence_nats_per_token: {
    type: 'histogram',
    help: 'log p(x) of labelled images, divided by the tokens it is of; a falling distribution means drift.',
    labels: ['prefix'],
    // Blind guessing among 65,536 codes is at -11.1, and what does worse below it; models are at -1 to -4.
    buckets: [-14, -12, -11, -10, -9, -8, ...steps(-7.5, -4.5, 0.5), ...steps(-4, 0, 0.25)],
  },
  ordo_image_disagreement_ratio: {
    type: 'histogram',
    help: 'Share of orders that on their own would name another class.',
    labels: [],
    buckets: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1],
  },
} as const satisfies Record<string, MetricDefinition>;

/** Numbers from `first` to `last`, `step` apart. */
function steps(first: number, last: number, step: number): number[] {
  return Array.from({ length: Math.round((last - first) / step) + 1 }, (_, index) => first + index * step);
}

export interface MetricDefinition {
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  labels: readonly string[];
  /** Upper bounds; histograms only. */
  buckets?: readonly number[];
}

type Metrics = typeof METRICS;

/** Names of the metrics of one type. */
export type Metric<T extends MetricDefinition['type']> = {
  [N in keyof Metrics]: Metrics[N]['type'] extends T ? N : never;
}[keyof Metrics];

/** The labels that a metric takes, each exactly once. */
export type MetricLabels<N extends keyof Metrics> = Record<Metrics[N]['labels'][number], string>;
