/**
 * Processor time of the shipped pipeline while there is nothing to do, all stages in one process, on the embedded log
 * and on Kafka, in per cent of a core:
 *   node bin/node24.js bench/idle.ts [--seconds S]
 * The broker's own is told apart, with no client and with the pipeline as its only one. Both pipelines idle side by
 * side. Linux only; the result is written to bench/results/idle.json.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { STAGES } from '../src/app/spec.ts';
import { temporaryFolder } from '../test/support/folders.ts';
import { kafkaBrokerProcess } from '../test/support/kafka/kafka.ts';
import { brokerPid, cpuOfTree } from './processes/cpu.ts';
import { startMember } from './processes/process.ts';
import { writeResult } from './processes/results.ts';
import { kafkaLog, shippedSpec } from './processes/specs.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } });
const seconds = Number(values.seconds);
/** After its start a pipeline joins groups, and a virtual machine compiles. */
const CALM_MS = 15_000;

/** Per cent of a core that each process, with those below it, takes in the time to come. */
async function percentOfCore(pids: readonly number[]): Promise<number[]> {
  const started = performance.now();
  const before = await Promise.all(pids.map(cpuOfTree));
  await sleep(1000 * seconds);
  const after = await Promise.all(pids.map(cpuOfTree));
  const wallMs = performance.now() - started;
  return after.map((cpuMs, at) => Number(((100 * (cpuMs - (before[at] ?? 0))) / wallMs).toFixed(2)));
}

const folder = await temporaryFolder();
const broker = await kafkaBrokerProcess('steady');
try {
  const server = (await brokerPid()) ?? 0;
  await sleep(CALM_MS);
  const [brokerAlone] = await percentOfCore([server]);
  const spec = await shippedSpec(folder.path);
  const onKafka = { ...spec, log: kafkaLog(broker) };
  const members = [await startMember(spec, STAGES), await startMember(onKafka, STAGES)];
  await sleep(CALM_MS);
  const [embedded, kafka, brokerServing] = await percentOfCore([...members.map(({ pid }) => pid), server]);
  const percentOfACore = { embedded, kafka, brokerAlone, brokerServing };
  await writeResult('idle', { seconds, partitions: spec.topics.partitions, percentOfACore });
  await Promise.all(members.map((member) => member.stop()));
} finally {
  await broker.stop();
  await folder.remove();
}
