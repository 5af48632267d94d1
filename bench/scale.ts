/**
 * How scoring scales over processes on Kafka, fed with tasks that are tokenized already:
 *   node bin/node24.js bench/scale.ts [--part cores|devices|changes,...] [--seconds S]
 * - cores: two processes of one thread over one, against the same of bare ONNX Runtime; S seconds (default 96).
 * - devices: 1 to 16 processes whose accelerators are simulated (a timer and made-up numbers: what is measured is all
 *   that surrounds the device), against that many times the first.
 * - changes: how long until throughput is full, and every partition is read, after such a process joined, left (SIGTERM)
 *   or died (SIGKILL).
 * The results are written to bench/results/scale-PART.json.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { PipelineSpec } from '../src/app/spec.ts';
import { temporaryFolder } from '../test/support/folders.ts';
import { kafkaBrokerProcess } from '../test/support/kafka/kafka.ts';
import { brokerPid, cpuOfTree } from './processes/cpu.ts';
import { writeResult } from './processes/results.ts';
import { kafkaLog, shippedSpec } from './processes/specs.ts';
import { alternate } from './rows/alternate.ts';
import type { Contender } from './rows/contender.ts';
import { openBareProcesses } from './scale/bare.ts';
import { Fleet } from './scale/fleet.ts';
import { openScorers } from './scale/scorers.ts';

const { values } = parseArgs({
  options: {
    part: { type: 'string', default: 'cores,devices,changes' },
    seconds: { type: 'string', default: '96' },
  },
});
const PREFIX = 64;
const CLASSES = 43;
const PARTITIONS = 16;
const SLICE_MS = 6000;
/** Tiles as an accelerator takes them. */
const TILE_ROWS = 64;
const DEVICE = { tileMs: 100 };
const DEVICE_ORDERS = 2;
const COUNTS = [1, 2, 4, 8, 16];
/** Longer than a rebalance takes, whose members finish what they have in hand for up to a third of the session. */
const CALM_MS = 15_000;
const WINDOW_MS = 6000;
const REPEATS = 3;

const folder = await temporaryFolder();
const broker = await kafkaBrokerProcess('steady');

async function specOf(orders: number, scoring: Partial<PipelineSpec['scoring']>): Promise<PipelineSpec> {
  const shipped = await shippedSpec(folder.path);
  return {
    ...shipped,
    log: kafkaLog(broker),
    topics: { partitions: PARTITIONS, retention: {} },
    scoring: { ...shipped.scoring, ...scoring },
    decision: { ...shipped.decision, plan: { kind: 'fixed', orders, prefix: PREFIX } },
  };
}

async function cores(): Promise<void> {
  const contenders: Contender[] = [];
  try {
    for (const count of [1, 2]) contenders.push(await openBareProcesses(await specOf(1, {}), count, PREFIX));
    for (const count of [1, 2]) contenders.push(await openScorers(await specOf(1, { workers: 1 }), count, CLASSES));
    const standings = await alternate(contenders, Number(values.seconds), SLICE_MS);
    const [, bare = Number.NaN, one = Number.NaN, two = Number.NaN] = standings.map(({ share }) => share.median);
    const found = standings.map(({ name, rowsPerSecond, share }) => ({ name, rowsPerSecond, share }));
    const ratios = { bareTwoOverOne: bare, kafkaTwoOverOne: round(two / one), share: round(two / one / bare) };
    await writeResult('scale-cores', { standings: found, ...ratios });
  } finally {
    for (const contender of contenders) await contender.close();
  }
}

async function openFleet(): Promise<Fleet> {
  const spec = await specOf(DEVICE_ORDERS, { tileRows: TILE_ROWS });
  return Fleet.open(spec, DEVICE, 20_000);
}

interface Found {
  processes: number;
  rowsPerSecond: number;
  cores: number;
  brokerCores: number;
}

/** Once up and once down again, so that what the machine does meanwhile meets all alike. */
async function devices(): Promise<void> {
  const fleet = await openFleet();
  const server = (await brokerPid()) ?? 0;
  const found: Found[] = [];
  try {
    for (const processes of [...COUNTS, ...COUNTS.toReversed()]) {
      await fleet.resize(processes);
      await sleep(CALM_MS);
      const before = await cpuOfTree(server);
      const { rowsPerSecond, cores: used } = await fleet.measure(WINDOW_MS);
      const brokerCores = ((await cpuOfTree(server)) - before) / WINDOW_MS;
      found.push({ processes, rowsPerSecond, cores: used, brokerCores });
      console.error(JSON.stringify(found.at(-1)));
    }
  } finally {
    await fleet.close();
  }
  const one = meanOf(found, 1).rowsPerSecond;
  const means = COUNTS.map((count) => meanOf(found, count)).map(({ processes, rowsPerSecond, ...rest }) => ({
    processes,
    rowsPerSecond: round(rowsPerSecond),
    ofLinear: round(rowsPerSecond / (processes * one)),
    cores: round(rest.cores),
    brokerCores: round(rest.brokerCores),
  }));
  const device = { ...DEVICE, tileRows: TILE_ROWS, rowsPerSecond: (1000 * TILE_ROWS) / DEVICE.tileMs };
  await writeResult('scale-devices', { device, partitions: PARTITIONS, windowMs: WINDOW_MS, devices: means });
}

function meanOf(found: readonly Found[], n: number): Found {
  const own = found.filter(({ processes }) => processes === n);
  const mean = (key: 'rowsPerSecond' | 'cores' | 'brokerCores') =>
    own.reduce((sum, one) => sum + one[key], 0) / own.length;
  return {
    processes: n,
    rowsPerSecond: mean('rowsPerSecond'),
    cores: mean('cores'),
    brokerCores: mean('brokerCores'),
  };
}

/** `joined` counts from when the process is ready to join, not from its start. */
async function changes(): Promise<void> {
  const fleet = await openFleet();
  const found: Record<string, object[]> = { undisturbed: [], joined: [], left: [], died: [] };
  try {
    await fleet.resize(4);
    await sleep(CALM_MS);
    const each = (await fleet.measure(WINDOW_MS)).rowsPerSecond / 4;
    const note = async (name: string) => found[name]?.push(await fleet.recovery(each * fleet.members.length));
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      await note('undisturbed');
      for (const end of ['stop', 'kill'] as const) {
        await fleet.add();
        await note('joined');
        await sleep(CALM_MS);
        const leaving = fleet.members.shift();
        void leaving?.[end]();
        await note(end === 'stop' ? 'left' : 'died');
        await sleep(CALM_MS);
      }
    }
  } finally {
    await fleet.close();
  }
  const { sessionTimeoutMs } = kafkaLog(broker);
  await writeResult('scale-changes', { processes: 4, partitions: PARTITIONS, sessionTimeoutMs, seconds: found });
}

function round(number: number): number {
  return Number(number.toFixed(3));
}

try {
  const parts = values.part.split(',');
  if (parts.includes('cores')) await cores();
  if (parts.includes('devices')) await devices();
  if (parts.includes('changes')) await changes();
} finally {
  await broker.stop();
  await folder.remove();
}
