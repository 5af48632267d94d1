/**
 * What Kafka costs the shipped pipeline: rows a second as a share of those on the embedded log, and the share that the
 * client has in the processor time of the pipeline's process:
 *   node bin/node24.js bench/log-cost.ts [--seconds S] [--workers N] [--images N]
 * All stages run in one process, fed with pictures of noise, N of them on their way. The broker runs on this machine too,
 * and its processor time is told apart (Linux only). The result is written to bench/results/log-cost-traffic-signs.json.
 */
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openLog } from '../src/app/open-log.ts';
import { openProducer } from '../src/app/producer.ts';
import { type PipelineSpec, STAGES } from '../src/app/spec.ts';
import { temporaryFolder } from '../test/support/folders.ts';
import { kafkaBrokerProcess } from '../test/support/kafka/kafka.ts';
import { brokerPid, cpuOfTree } from './processes/cpu.ts';
import { type Member, startMember } from './processes/process.ts';
import { profileNaming, type Share, shareOf } from './processes/profile.ts';
import { writeResult } from './processes/results.ts';
import { kafkaLog, shippedSpec } from './processes/specs.ts';
import { alternate, table } from './rows/alternate.ts';
import type { Contender } from './rows/contender.ts';
import { noisePictures, openFed } from './rows/pipeline.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    workers: { type: 'string', default: String(availableParallelism()) },
    images: { type: 'string', default: '32' },
  },
});
const [seconds, workers, most] = [values.seconds, values.workers, values.images].map(Number) as [
  number,
  number,
  number,
];
/** Several times as long as the images in hand take. */
const SLICE_MS = 10_000;
const PROFILE_IMAGES = 200;

const folder = await temporaryFolder();
const broker = await kafkaBrokerProcess('steady');

/** Feeds a process of all stages and gives what it used meanwhile, as shares of all its processor time. */
async function profiled(spec: PipelineSpec) {
  const profiles = join(folder.path, 'profiles');
  await mkdir(profiles);
  const log = await openLog(spec);
  const member = await startMember(spec, STAGES, { flags: ['--cpu-prof', `--cpu-prof-dir=${profiles}`] });
  const server = (await brokerPid()) ?? 0;
  const brokerBefore = await cpuOfTree(server);
  await feed(spec, log, member);
  const brokerMs = (await cpuOfTree(server)) - brokerBefore;
  const { cpuMs, mainThreadMs, rows } = await member.sample();
  await member.stop();
  await log.close();
  const profile = await profileNaming(profiles, 'node_modules/kafkajs');
  const share = (ms: number) => Number((ms / cpuMs).toFixed(4));
  return {
    images: PROFILE_IMAGES,
    rows,
    cpuSeconds: Number((cpuMs / 1000).toFixed(2)),
    mainThread: share(mainThreadMs),
    kafkajs: scaled(shareOf(profile, 'node_modules/kafkajs'), mainThreadMs / cpuMs),
    adapter: scaled(shareOf(profile, 'src/adapters/kafka'), mainThreadMs / cpuMs),
    broker: share(brokerMs),
  };
}

function scaled({ own, withCallees }: Share, by: number): Share {
  return { own: Number((own * by).toFixed(4)), withCallees: Number((withCallees * by).toFixed(4)) };
}

async function feed(spec: PipelineSpec, log: Awaited<ReturnType<typeof openLog>>, member: Member): Promise<void> {
  const producer = openProducer(spec, log);
  const bytes = await noisePictures(64);
  for (let id = 0; id < PROFILE_IMAGES; id++) {
    const common = { source: 'urn:bench', stream: `s${id % 4}`, capturedAtMs: 1, attributes: {} };
    await producer.send([{ ...common, id: String(id), bytes: bytes[id % 64] ?? new Uint8Array() }]);
    while (id - (await member.sample()).images > most) await sleep(100);
  }
  while ((await member.sample()).images < PROFILE_IMAGES) await sleep(100);
}

async function compare(embedded: PipelineSpec, onKafka: PipelineSpec) {
  const contenders: Contender[] = [];
  try {
    const fed = { pictures: await noisePictures(64), most };
    contenders.push(await openFed('embedded log', embedded, fed));
    contenders.push(await openFed('Kafka', onKafka, fed));
    return await alternate(contenders, seconds, SLICE_MS);
  } finally {
    for (const contender of contenders) await contender.close();
  }
}

try {
  const shipped = await shippedSpec(folder.path);
  const spec = { ...shipped, scoring: { ...shipped.scoring, workers } };
  const standings = await compare(spec, { ...spec, log: kafkaLog(broker) });
  console.error(table(standings));
  const client = await profiled({ ...spec, log: kafkaLog(broker) });
  await writeResult('log-cost-traffic-signs', { workers, imagesInFlight: most, standings, shareOfCpu: client });
} finally {
  await broker.stop();
  await folder.remove();
}
