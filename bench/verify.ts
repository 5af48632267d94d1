/**
 * Hurts a pipeline of the tiny model at seeded random moments (kills, pauses, adds and removes processes, publishes
 * records twice, on Kafka also kills the broker) and counts what that did to the outcomes:
 *   node bin/node24.js bench/verify.ts [--log sqlite|kafka] [--images N] [--faults N] [--seed N]
 * Counted against an undisturbed run over the same images. On Kafka it starts a broker of its own. The result is
 * written to bench/results/verify-LOG.json. Exits 1 if an outcome is lost, changed, or doubled without need.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { variedImage } from '../src/app/verify/images.ts';
import { FAULT_KINDS, planFaults } from '../src/app/verify/plan.ts';
import { verify } from '../src/app/verify/verify.ts';
import { temporaryFolder } from '../test/support/folders.ts';
import { kafkaBrokerProcess } from '../test/support/kafka/kafka.ts';
import { kafkaSpec } from '../test/support/kafka/spec.ts';
import { tinyPictures, tinySpec } from '../test/support/tiny.ts';

const { values } = parseArgs({
  options: {
    log: { type: 'string', default: 'sqlite' },
    images: { type: 'string', default: '10000' },
    faults: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
  },
});
const [images, count, seed] = [values.images, values.faults, values.seed].map(Number) as [number, number, number];
const processes = { tokenize: 1, score: 2, aggregate: 1 };
const kinds = FAULT_KINDS.filter((kind) => kind !== 'broker' || values.log === 'kafka');

const folder = await temporaryFolder();
const broker = values.log === 'kafka' ? await kafkaBrokerProcess() : undefined;
try {
  const tiny = tinySpec(folder.path);
  const spec = broker ? { ...tiny, log: kafkaSpec(broker.brokers) } : tiny;
  const pictures = await tinyPictures();
  const startedAt = performance.now();
  const clock = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  let done = 0;
  const verdict = await verify(spec, {
    images,
    image: (index) => variedImage(pictures, seed, index),
    processes,
    faults: planFaults({ faults: count, kinds, seed, processes }),
    ...(broker && { broker }),
    folder: folder.path,
    prefix: 'verify.',
    signal: new AbortController().signal,
    onRun: (name) => console.error(`${clock()}: ${name}`),
    onFault: ({ harm }, seen) =>
      console.error(`${clock()}: ${++done} of ${count}: ${JSON.stringify(harm)}, ${seen} outcomes before`),
  });
  const flags = `--log ${values.log} --images ${images} --faults ${count} --seed ${seed}`;
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const result = { command: `node bin/node24.js bench/verify.ts ${flags}`, model: 'tiny', seed, seconds, ...verdict };
  const file = join(import.meta.dirname, 'results', `verify-${values.log}.json`);
  await writeFile(file, `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result));
  process.exitCode = verdict.passed ? 0 : 1;
} finally {
  await broker?.stop();
  await folder.remove();
}
