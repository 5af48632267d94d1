/**
 * Time from an image's scheduled arrival to its label, under open-loop load (Poisson arrivals, whatever the pipeline
 * does), for several loads and longest waits of a row for its tile:
 *   node bin/node24.js bench/latency.ts [--seconds S] [--loads 0.5,0.7,0.9] [--delays 0,5,20]
 * The shipped pipeline runs on the embedded log, all stages in one process, fed with pictures that the model painted.
 * Loads are shares of the rate that it reaches when images never run out. Beside each is what the simulation behind
 * `ordo plan --beside` expects of the same load, with tiles as fast as they were measured before the run and an image as dear
 * beside its scores as it was at capacity. The result is written to
 * bench/results/latency.json.
 */
import { parseArgs } from 'node:util';
import { temporaryFolder } from '../test/support/folders.ts';
import { expectations } from './latency/expected.ts';
import { paintedPictures } from './latency/pictures.ts';
import { openLoad } from './latency/load.ts';
import { writeResult } from './processes/results.ts';
import { shippedSpec } from './processes/specs.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '40' },
    loads: { type: 'string', default: '0.5,0.7,0.9' },
    delays: { type: 'string', default: '0,5,20' },
  },
});
const seconds = Number(values.seconds);
const numbers = (list: string) => list.split(',').map(Number);

const found: object[] = [];
const pictures = await paintedPictures(128);
const scratch = await temporaryFolder();
const expected = await expectations(await shippedSpec(scratch.path), pictures.slice(0, 64));
await scratch.remove();
const capacities: number[] = [];
const simulatedCapacities: number[] = [];
const besides: number[] = [];
const rounded = (all: readonly number[]) => all.map((value) => Number(value.toFixed(1)));
for (const maxDelayMs of numbers(values.delays)) {
  const folder = await temporaryFolder();
  const shipped = await shippedSpec(folder.path);
  const load = await openLoad({ ...shipped, scoring: { ...shipped.scoring, maxDelayMs } }, pictures);
  try {
    const { rate: capacity, besideMs } = await load.capacity(seconds / 2);
    capacities.push(capacity);
    simulatedCapacities.push(expected.capacity(besideMs));
    besides.push(besideMs);
    for (const share of numbers(values.loads)) {
      const { latencies, ...rest } = await load.open(share * capacity, seconds);
      const at = (quantile: number) => Number((latencies[Math.floor(quantile * latencies.length)] ?? 0).toFixed(1));
      const simulated = expected.latency(rest.imagesPerSecond, maxDelayMs, besideMs);
      const entry = { maxDelayMs, load: share, ...rest, medianMs: at(0.5), p90Ms: at(0.9), p99Ms: at(0.99), simulated };
      found.push(entry);
      console.error(JSON.stringify(entry));
    }
  } finally {
    await load.close();
    await folder.remove();
  }
}
await writeResult('latency', {
  secondsEach: seconds,
  capacityImagesPerSecond: rounded(capacities),
  simulatedCapacity: rounded(simulatedCapacities),
  besideMs: rounded(besides),
  latencies: found,
});
