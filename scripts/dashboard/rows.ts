import { each, gained, lag, largest, mean, processes, quantile, rate, steps, total } from './queries.ts';

export type PanelKind = 'lines' | 'stacked' | 'bars' | 'stat' | 'heatmap';

export interface PanelContent {
  title: string;
  kind: PanelKind;
  /** Grafana's name of a unit. */
  unit: string;
  /** What one should know to read it. */
  description?: string;
  /** What a stat says where its query finds nothing; `-` if absent. */
  nothing?: string;
  /** From which value on a stat is no longer green, and what it becomes. */
  alarm?: { from: number; color: 'orange' | 'red' };
  /** Top of the axis. */
  max?: number;
  /** Queries, each with its legend. */
  queries: [expression: string, legend: string][];
}

/** A row of panels, side by side. */
export interface RowContent {
  title: string;
  panels: PanelContent[];
}

const PROCESS = '{{service}}{{pod}} {{instance}}';
const LABELLED = 'outcome="classified"';
const EVIDENCE = 'ordo_image_log_evidence_nats_per_token';
const WITHOUT_DECODERS =
  'Without the processes that decode images for the tokenize stage: one for every two cores, or as many as images.decoders says.';

function quantiles(metric: string, qs: readonly number[], matcher?: string): [string, string][] {
  return qs.map((q) => [quantile(q, metric, '', matcher), `p${q * 100}`]);
}

/** What the dashboard shows, from what matters to anyone to what tells why. */
export const ROWS: RowContent[] = [
  {
    title: 'Now',
    panels: [
      { title: 'Images', kind: 'stat', unit: 'suffix: /s', queries: [[rate('ordo_images_total'), 'images']] },
      {
        title: 'Time to a label, p95',
        kind: 'stat',
        unit: 's',
        description: 'From when an image was taken. Clocks of cameras and of this system must agree.',
        queries: quantiles('ordo_image_seconds', [0.95], LABELLED),
      },
      {
        title: 'Records waiting',
        kind: 'stat',
        unit: 'short',
        description: 'Nobody knows while the log does not answer.',
        queries: [[`sum (${lag()})`, 'records']],
      },
      {
        title: 'Dead letters',
        kind: 'stat',
        unit: 'short',
        description: 'In the time shown. Look at them with ordo dlq list.',
        nothing: '0',
        alarm: { from: 1, color: 'orange' },
        queries: [[gained('ordo_dead_letters_total'), 'dead letters']],
      },
      {
        title: 'Records lost',
        kind: 'stat',
        unit: 'short',
        description: 'In the time shown: deleted by retention before a stage read them.',
        nothing: '0',
        alarm: { from: 1, color: 'red' },
        queries: [[gained('ordo_records_lost_total'), 'records']],
      },
      { title: 'Processes', kind: 'stat', unit: 'short', nothing: '0', queries: [[processes(), 'processes']] },
    ],
  },
  {
    title: 'Flow',
    panels: [
      {
        title: 'Outcomes',
        kind: 'stacked',
        unit: 'suffix: /s',
        queries: [[rate('ordo_images_total', 'outcome'), '{{outcome}}']],
      },
      { title: 'Lag', kind: 'lines', unit: 'short', queries: [[lag(), '{{job}}: {{stage}} of {{topic}}']] },
      {
        title: 'Records taken',
        kind: 'lines',
        unit: 'suffix: /s',
        queries: [[rate('ordo_records_consumed_total', 'stage'), '{{stage}}']],
      },
      {
        title: 'Records in hand',
        kind: 'lines',
        unit: 'short',
        queries: [[total('ordo_in_flight_records', 'stage'), '{{stage}}']],
      },
    ],
  },
  {
    title: 'Latency',
    panels: [
      {
        title: 'Age of an image at its label',
        kind: 'lines',
        unit: 's',
        queries: quantiles('ordo_image_seconds', [0.5, 0.95, 0.99], LABELLED),
      },
      {
        title: 'Time a record waits for its stage, p95',
        kind: 'lines',
        unit: 's',
        queries: [[quantile(0.95, 'ordo_record_age_seconds', 'stage'), '{{stage}}']],
      },
      {
        title: 'Time in a stage, p95',
        kind: 'lines',
        unit: 's',
        queries: [[quantile(0.95, 'ordo_stage_seconds', 'stage'), '{{stage}}']],
      },
    ],
  },
  {
    title: 'Scoring',
    panels: [
      {
        title: 'Rows',
        kind: 'stacked',
        unit: 'suffix: /s',
        description: 'A row is an image read in one order under one class.',
        queries: [[rate('ordo_rows_total', 'prefix'), 'prefix {{prefix}}']],
      },
      {
        title: 'Tile fill, mean',
        kind: 'lines',
        unit: 'percentunit',
        max: 1,
        queries: [[mean('ordo_tile_fill_ratio', 'prefix'), 'prefix {{prefix}}']],
      },
      {
        title: 'Tiles by why they were sent',
        kind: 'stacked',
        unit: 'suffix: /s',
        queries: [[rate('ordo_tiles_total', 'flush'), '{{flush}}']],
      },
      {
        title: 'Time of a tile, p95',
        kind: 'lines',
        unit: 's',
        queries: [
          [quantile(0.95, 'ordo_tile_wait_seconds', 'prefix'), 'waiting, prefix {{prefix}}'],
          [quantile(0.95, 'ordo_tile_seconds', 'prefix'), 'scoring, prefix {{prefix}}'],
        ],
      },
    ],
  },
  {
    title: 'What a label costs',
    panels: [
      {
        title: 'Rows an image',
        kind: 'lines',
        unit: 'short',
        queries: [[mean('ordo_image_rows'), 'mean'], ...quantiles('ordo_image_rows', [0.5, 0.95])],
      },
      {
        title: 'Orders an image',
        kind: 'lines',
        unit: 'short',
        queries: [[mean('ordo_image_orders'), 'mean'], ...quantiles('ordo_image_orders', [0.5, 0.95])],
      },
      {
        title: 'Order ceiling',
        kind: 'lines',
        unit: 'short',
        description:
          'Most orders that images which begin now are read in. It falls only under load, and only where the pipeline file has a load section.',
        queries: [[largest('ordo_order_ceiling'), '{{job}}: {{pipeline}}']],
      },
      {
        title: 'Threads that score',
        kind: 'stacked',
        unit: 'short',
        description: 'Seconds of scoring a second.',
        queries: [[rate('ordo_tile_seconds_sum', 'instance'), '{{instance}}']],
      },
    ],
  },
  {
    title: 'Drift',
    panels: [
      {
        title: 'Log evidence, log p(x)',
        kind: 'lines',
        unit: 'suffix: nat/token',
        description:
          'How likely images are at all. It falls when a lens is dirty, or a scene is new. What is read of an image late is likelier than what is read early: look at each prefix by itself.',
        queries: [0.1, 0.5, 0.9].map((q) => [quantile(q, EVIDENCE, 'prefix'), `p${q * 100}, prefix {{prefix}}`]),
      },
      {
        title: 'Log evidence, spread',
        kind: 'heatmap',
        unit: 'suffix: nat/token',
        queries: [[rate(`${EVIDENCE}_bucket`, 'le'), '{{le}}']],
      },
      {
        title: 'Disagreement between orders',
        kind: 'lines',
        unit: 'percentunit',
        max: 1,
        description: 'Share of the orders of an image that on their own would name another class.',
        queries: [
          [mean('ordo_image_disagreement_ratio'), 'mean'],
          ...quantiles('ordo_image_disagreement_ratio', [0.95]),
        ],
      },
    ],
  },
  {
    title: 'Trouble',
    panels: [
      {
        title: 'Dead letters',
        kind: 'bars',
        unit: 'short',
        queries: [[steps('ordo_dead_letters_total', 'stage, code'), '{{stage}} {{code}}']],
      },
      {
        title: 'Retries',
        kind: 'bars',
        unit: 'short',
        queries: [[steps('ordo_retries_total', 'stage, code'), '{{stage}} {{code}}']],
      },
      {
        title: 'Records lost',
        kind: 'bars',
        unit: 'short',
        queries: [[steps('ordo_records_lost_total', 'stage, topic'), '{{stage}} of {{topic}}']],
      },
    ],
  },
  {
    title: 'Processes',
    panels: [
      {
        title: 'CPU',
        kind: 'lines',
        unit: 'suffix: cores',
        description: WITHOUT_DECODERS,
        queries: [[rate('process_cpu_seconds_total', 'service, pod, instance'), PROCESS]],
      },
      {
        title: 'Resident memory',
        kind: 'lines',
        unit: 'bytes',
        description: WITHOUT_DECODERS,
        queries: [[each('process_resident_memory_bytes'), PROCESS]],
      },
      {
        title: 'Event loop delay, p99',
        kind: 'lines',
        unit: 's',
        queries: [[each('nodejs_eventloop_lag_p99_seconds'), PROCESS]],
      },
    ],
  },
];
