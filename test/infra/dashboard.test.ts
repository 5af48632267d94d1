import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildDashboard } from '../../scripts/dashboard/build.ts';
import { ROWS } from '../../scripts/dashboard/rows.ts';
import { temporaryFolder } from '../support/folders.ts';
import { describeWithCommands } from '../support/infra/commands.ts';
import { ROOT } from '../support/infra/files.ts';
import { knownMetrics, metricNames } from '../support/infra/metrics.ts';
import type { Sample } from '../support/infra/prometheus.ts';
import { watchPipeline, type WatchedPipeline } from '../support/infra/watched.ts';
import { run } from '../support/java/run.ts';

interface Panel {
  type: string;
  title: string;
  fieldConfig?: { defaults: { unit?: string; noValue?: string } };
  targets?: { expr: string; legendFormat: string; instant?: boolean }[];
}

const FILE = join(ROOT, 'infra', 'grafana', 'dashboards', 'ordo.json');
const DASHBOARD: { panels: Panel[] } = JSON.parse(readFileSync(FILE, 'utf8'));
const panels = DASHBOARD.panels.filter(({ type }) => type !== 'row');

/** Panels that stay empty while nothing is lost: retention deletes nothing that a live stage has yet to read. */
const EMPTY = ['Records lost'];

/** Longest time until an expression has a value: there is a scrape a second, and rates are taken over five. */
const LIMIT_MS = 20_000;

describe('the Grafana dashboard', () => {
  it('is what scripts/dashboard makes', () => {
    assert.deepEqual(DASHBOARD, JSON.parse(JSON.stringify(buildDashboard(ROWS))));
  });

  it('gives every panel a unit, and every query a legend', () => {
    for (const { title, fieldConfig, targets } of panels) {
      assert.ok(fieldConfig?.defaults.unit, title);
      assert.ok(targets?.length && targets.every(({ legendFormat }) => legendFormat !== ''), title);
    }
  });

  it('shows numbers of now, and 0 where it finds nothing only if there is none then', () => {
    const stats = panels.filter(({ type }) => type === 'stat');
    assert.ok(stats.every(({ targets }) => targets?.every(({ instant }) => instant)));
    const zero = stats.filter(({ fieldConfig }) => fieldConfig?.defaults.noValue !== '-');
    assert.deepEqual(
      zero.map(({ title, fieldConfig }) => [title, fieldConfig?.defaults.noValue]),
      ['Dead letters', 'Records lost', 'Processes'].map((title) => [title, '0']),
    );
  });

  it('asks for metrics that there are', async () => {
    const known = await knownMetrics();
    const asked = panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => metricNames(expr)));
    assert.ok(asked.length > panels.length);
    assert.deepEqual(
      asked.filter((name) => !known.has(name)),
      [],
    );
  });
});

describeWithCommands('the queries of the Grafana dashboard, on a pipeline at work', ['prometheus'], () => {
  let watched: WatchedPipeline;
  before(async function () {
    this.timeout(60_000);
    watched = await watchPipeline();
  });
  after(() => watched?.stop());

  for (const { title, targets = [] } of panels) {
    const empty = EMPTY.includes(title);
    for (const { expr, legendFormat } of targets) {
      it(`"${title}", ${legendFormat}: ${empty ? 'is understood' : 'finds something'}`, async () => {
        const samples = await (empty ? ask(expr) : answered(expr));
        if (!empty) for (const label of labelsOf(legendFormat)) assert.ok(samples.some(({ metric }) => metric[label]));
      }).timeout(LIMIT_MS + 5000);
    }
  }

  function ask(expression: string): Promise<Sample[]> {
    return watched.prometheus.query(concrete(expression, { job: 'ordo', pipeline: 'tiny', step: '5s', range: '30s' }));
  }

  /** What the expression gives as soon as some of it is a number. */
  async function answered(expression: string): Promise<Sample[]> {
    for (const end = Date.now() + LIMIT_MS; ; await sleep(200)) {
      const samples = await ask(expression);
      if (samples.some(({ value }) => Number.isFinite(value))) return samples;
      if (Date.now() > end) assert.fail(`no number within ${LIMIT_MS} ms: ${expression}`);
    }
  }
});

describeWithCommands('what the Grafana dashboard says of records that wait', ['promtool'], () => {
  it('counts what several processes report once, and pipelines of one name in several jobs each', () => {
    const lag = (job: string, instance: string, values: string) => ({
      series: `ordo_consumer_lag_records{job="${job}",pipeline="p",instance="${instance}",stage="score",topic="p.tasks"}`,
      values,
    });
    const series = [lag('north/ordo', 'a', '5x40'), lag('north/ordo', 'b', '5x40'), lag('south/ordo', 'c', '7x40')];
    return requireValues(series, expected('stat', 'Records waiting', '{}', { '5m': 12 }));
  });
});

describeWithCommands('what the Grafana dashboard says was lost', ['promtool'], () => {
  const LOST = 'ordo_records_lost_total{job="ordo",pipeline="p",instance="a",stage="score",topic="p.tasks"}';

  /** Holds both panels against a series with a sample every 15 s. */
  function requireLost(values: string, { stat, bars }: Record<'stat' | 'bars', Values>): Promise<void> {
    return requireValues(
      [{ series: LOST, values }],
      [
        ...expected('stat', 'Records lost', '{}', stat),
        ...expected('timeseries', 'Records lost', '{stage="score", topic="p.tasks"}', bars),
      ],
    );
  }

  it('is what a process counted in one step that had counted none before, while the time shown includes it', () =>
    requireLost('_x40 300x80', {
      stat: { '9m': null, '10m15s': 300, '19m': 300, '25m': 0 },
      bars: { '9m': null, '10m15s': 300, '12m': 0 },
    }));

  it('is what it counted since as well', () =>
    requireLost('_x40 300x20 301x40 302x40', { stat: { '17m': 301, '26m': 1 }, bars: { '15m30s': 1, '17m': 0 } }));

  it('is what was counted by a process that has ended', () =>
    requireLost('_x40 300x4 stale', {
      stat: { '18m': 300, '25m': null },
      bars: { '10m30s': 300, '11m30s': 0, '14m': null },
    }));

  it('is nothing where a process was not scraped for some minutes', () =>
    requireLost('300x40 stale _x20 300x40', {
      stat: { '9m': 300, '16m': 0, '24m': 0, '25m30s': 0 },
      bars: { '9m': 0, '12m': null, '15m30s': null, '16m': 0 },
    }));
});

/** Rounded values at times; null where there is none. */
type Values = Record<string, number | null>;

/** What a panel's expression gives of a series with labels, as promtool takes it. */
function expected(type: string, title: string, labels: string, values: Values) {
  const [query] = panels.find((panel) => panel.type === type && panel.title === title)?.targets ?? [];
  assert.ok(query, title);
  return Object.entries(values).map(([time, value]) => ({
    expr: `round(${concrete(query.expr, { job: '.+', pipeline: 'p', step: '1m', range: '10m' })})`,
    eval_time: time,
    exp_samples: value === null ? [] : [{ labels, value }],
  }));
}

/** Lets promtool evaluate expressions on series with a sample every 15 s. */
async function requireValues(series: { series: string; values: string }[], tests: unknown[]): Promise<void> {
  const test = { interval: '15s', input_series: series, promql_expr_test: tests };
  const folder = await temporaryFolder();
  try {
    const file = join(folder.path, 'dashboard.test.json');
    await writeFile(file, JSON.stringify({ evaluation_interval: '15s', tests: [test] }));
    assert.match(await run('promtool', ['test', 'rules', file], 60_000), /SUCCESS/);
  } finally {
    await folder.remove();
  }
}

interface Picked {
  job: string;
  pipeline: string;
  step: string;
  range: string;
}

/** An expression with what Grafana puts into it. */
function concrete(expression: string, { job, pipeline, step, range }: Picked): string {
  return expression
    .replaceAll('$job', job)
    .replaceAll('$pipeline', pipeline)
    .replaceAll('$__rate_interval', step)
    .replaceAll('$__range', range);
}

/** The labels of a legend, but for those that come from service discovery. */
function labelsOf(legend: string): string[] {
  const labels = [...legend.matchAll(/{{(\w+)}}/g)].map(([, label = '']) => label);
  return labels.filter((label) => label !== 'service' && label !== 'pod');
}
