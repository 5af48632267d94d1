/**
 * A steady stream of images through processes that come and go on Kafka, and what that does to those that stay:
 *   node bin/node24.js bench/soak.ts [--minutes M] [--load SHARE] [--every S] [--seed N]
 * One process a stage stays for the whole run; every S seconds a seeded choice adds a process of a stage, stops one
 * (SIGTERM) or kills one (SIGKILL). Memory is the least-squares slope after a warm-up of a third of the run, 10 minutes
 * at most. The result is written to bench/results/soak-tiny.json. Exits 1 if an outcome is lost or changed, or lag stays.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { stageLag } from '../src/app/lag.ts';
import { openLog } from '../src/app/open-log.ts';
import { openProducer } from '../src/app/producer.ts';
import { type PipelineSpec, STAGES, topicNames } from '../src/app/spec.ts';
import type { Log } from '../src/ports/log.ts';
import { persist } from '../src/runtime/persist.ts';
import { temporaryFolder } from '../test/support/folders.ts';
import { kafkaBroker } from '../test/support/kafka/kafka.ts';
import { countOf } from '../src/app/verify/outcomes.ts';
import { tinyImages, tinySpec } from '../test/support/tiny.ts';
import { startMember } from './processes/process.ts';
import { writeResult } from './processes/results.ts';
import { Churn } from './soak/churn.ts';
import { countOutcomes } from './soak/outcomes.ts';
import { sampleAll, trends } from './soak/trends.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    load: { type: 'string', default: '0.1' },
    every: { type: 'string', default: '15' },
    seed: { type: 'string', default: '1' },
  },
});
const [minutes, load, everySeconds, seed] = [values.minutes, values.load, values.every, values.seed].map(Number) as [
  number,
  number,
  number,
  number,
];
const PROBE = 200;
const SAMPLE_MS = 10_000;
const SETTLE_MS = 120_000;
/** A broker may be out of breath for a moment. */
const PERSISTENCE = {
  signal: new AbortController().signal,
  onTrouble: ({ message }: Error) => console.error(message),
};

const folder = await temporaryFolder();
const broker = await kafkaBroker('steady');
const spec: PipelineSpec = {
  ...tinySpec(folder.path),
  log: {
    type: 'kafka',
    brokers: [...broker.brokers],
    sessionTimeoutMs: 10_000,
    prefix: `soak-${Date.now()}.`,
    replication: -1,
    maxRecordBytes: 1 << 20,
    manageTopics: true,
  },
  topics: { partitions: 4, retention: {} },
};
const log = await openLog(spec);
const producer = openProducer(spec, log);
const images = await tinyImages(200, seed);
const steady = await Promise.all(STAGES.map((stage) => startMember(spec, [stage])));
const churn = new Churn(spec, seed);
let sent = 0;

async function send(count: number): Promise<void> {
  const batch = Array.from({ length: count }, () => ({ ...images[sent % images.length], id: String(sent++) }));
  await persist(() => producer.send(batch as typeof images), PERSISTENCE);
}

/** Images a second of the processes that stay. */
async function capacity(): Promise<number> {
  await send(PROBE);
  await reach(PROBE);
  const started = performance.now();
  await send(PROBE);
  await reach(2 * PROBE);
  return (1000 * PROBE) / (performance.now() - started);
}

async function reach(outcomes: number): Promise<void> {
  const reached = async () => (await countOf(log, topicNames(spec).labels)) >= outcomes;
  while (!(await persist(reached, PERSISTENCE))) await sleep(50);
}

async function feed(perSecond: number, endMs: number): Promise<void> {
  const started = performance.now();
  for (let given = 0; performance.now() < endMs; ) {
    const due = Math.floor((perSecond * (performance.now() - started)) / 1000);
    if (due > given) await send(due - given);
    given = Math.max(given, due);
    await sleep(50);
  }
}

async function disturb(endMs: number): Promise<void> {
  while (performance.now() + 1000 * everySeconds < endMs) {
    await sleep(1000 * everySeconds);
    console.error(await churn.next());
  }
}

async function watch(endMs: number) {
  const samples = [];
  while (performance.now() < endMs) {
    const sample = { ...(await sampleAll(steady)), lag: await lagOf(log) };
    samples.push(sample);
    console.error(JSON.stringify(sample));
    await sleep(SAMPLE_MS);
  }
  return samples;
}

async function lagOf(own: Log): Promise<number> {
  const lags = await persist(() => Promise.all(STAGES.map((stage) => stageLag(own, spec, stage))), PERSISTENCE);
  return (lags ?? []).flat().reduce((sum, { lag }) => sum + lag, 0);
}

/** Milliseconds until nothing is left to read; undefined if that takes too long. */
async function settle(): Promise<number | undefined> {
  const started = performance.now();
  while (performance.now() - started < SETTLE_MS) {
    if ((await lagOf(log)) === 0) return Math.round(performance.now() - started);
    await sleep(200);
  }
  return undefined;
}

try {
  const imagesPerSecond = await capacity();
  console.error(`capacity: ${imagesPerSecond.toFixed(0)} images a second`);
  const endMs = performance.now() + 60_000 * minutes;
  const rate = load * imagesPerSecond;
  const [samples] = await Promise.all([watch(endMs), feed(rate, endMs), disturb(endMs)]);
  const lagGoneMs = await settle();
  const outcomes = await countOutcomes(log, topicNames(spec).labels, sent);
  await writeResult('soak-tiny', {
    minutes,
    seed,
    capacity: Number(imagesPerSecond.toFixed(1)),
    imagesPerSecond: Number(rate.toFixed(1)),
    churn: churn.counts,
    images: sent,
    ...outcomes,
    mostLag: Math.max(...samples.map(({ lag }) => lag)),
    lagGoneMs: lagGoneMs ?? null,
    processes: trends(STAGES, samples, Math.min(10, minutes / 3)),
  });
  process.exitCode = lagGoneMs !== undefined && outcomes.lost + outcomes.changed === 0 ? 0 : 1;
} finally {
  await Promise.all([...steady.map((member) => member.kill()), churn.end()]);
  await log.close();
  await broker.stop();
  await folder.remove();
}
