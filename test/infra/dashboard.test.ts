import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildDashboard } from '../../scripts/dashboard/build.ts';
import { ROWS } from '../../scripts/dashboard/rows.ts';
import { describeWithCommands } from '../support/infra/commands.ts';
import { ROOT } from '../support/infra/files.ts';
import { knownMetrics, metricNames } from '../support/infra/metrics.ts';
import type { Sample } from '../support/infra/prometheus.ts';
import { watchPipeline, type WatchedPipeline } from '../support/infra/watched.ts';

interface Panel {
  type: string;
  title: string;
  fieldConfig?: { defaults: { unit?: string } };
  targets?: { expr: string; legendFormat: string }[];
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
    const concrete = expression
      .replaceAll('$job', 'ordo')
      .replaceAll('$pipeline', 'tiny')
      .replaceAll('$__rate_interval', '5s')
      .replaceAll('$__range', '30s');
    return watched.prometheus.query(concrete);
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

/** The labels of a legend, but for those that come from service discovery. */
function labelsOf(legend: string): string[] {
  const labels = [...legend.matchAll(/{{(\w+)}}/g)].map(([, label = '']) => label);
  return labels.filter((label) => label !== 'service' && label !== 'pod');
}
