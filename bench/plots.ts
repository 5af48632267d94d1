/**
 * Draws what result files hold, as SVG beside them:
 *   node bin/node24.js bench/plots.ts
 * latency.svg from latency.json, plan-curve.svg from plan-curve.csv (`ordo calibrate --curve`), as far as they are there.
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { parse as parseVega, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

const RESULTS = join(import.meta.dirname, 'results');

type Encoding = NonNullable<Extract<TopLevelSpec, { mark: unknown }>['encoding']>;

interface Latency {
  maxDelayMs: number;
  load: number;
  medianMs: number;
  p99Ms: number;
}

async function latency(): Promise<TopLevelSpec> {
  const { latencies }: { latencies: Latency[] } = JSON.parse(await readFile(join(RESULTS, 'latency.json'), 'utf8'));
  const values = latencies.flatMap(({ maxDelayMs, load, medianMs, p99Ms }) => [
    { delay: `${maxDelayMs} ms`, load, quantile: 'median', ms: medianMs },
    { delay: `${maxDelayMs} ms`, load, quantile: '99 %', ms: p99Ms },
  ]);
  return lines(values, {
    x: { field: 'load', type: 'quantitative', axis: { format: '%' }, title: 'load, share of the capacity' },
    y: { field: 'ms', type: 'quantitative', scale: { type: 'log' }, title: 'image to label, ms' },
    color: { field: 'delay', type: 'nominal', title: 'longest wait for a tile' },
    strokeDash: { field: 'quantile', type: 'nominal', title: 'quantile' },
  });
}

async function planCurve(): Promise<TopLevelSpec> {
  const rows = parse<Record<string, string>>(await readFile(join(RESULTS, 'plan-curve.csv')), { columns: true });
  const values = rows.map(({ kind, accuracy, rowEquivalents }) => ({
    kind,
    accuracy: Number(accuracy),
    rowEquivalents: Number(rowEquivalents),
  }));
  return lines(values, {
    x: {
      field: 'rowEquivalents',
      type: 'quantitative',
      scale: { type: 'log' },
      title: 'tokens read of an image, in whole rows',
    },
    y: { field: 'accuracy', type: 'quantitative', scale: { zero: false }, axis: { format: '.1%' } },
    color: { field: 'kind', type: 'nominal', title: 'plan' },
  });
}

function lines(values: object[], encoding: Encoding): TopLevelSpec {
  return { data: { values }, width: 420, height: 260, mark: { type: 'line', point: true }, encoding };
}

async function draw(name: string, spec: TopLevelSpec): Promise<void> {
  const view = new View(parseVega(compile({ background: 'white', ...spec }).spec), { renderer: 'none' });
  await writeFile(join(RESULTS, `${name}.svg`), `${await view.toSVG()}\n`);
}

if (existsSync(join(RESULTS, 'latency.json'))) await draw('latency', await latency());
if (existsSync(join(RESULTS, 'plan-curve.csv'))) await draw('plan-curve', await planCurve());
