/**
 * Rows a second at each layer over the same model, as shares of bare ONNX Runtime in the same number of threads:
 *   node bin/node24.js bench/rows.ts [--model DIR] [--seconds S] [--workers N] [--tile-rows N] [--prefix N] [--kafka]
 * Pipelines read 8 orders over all classes. --kafka adds one on Kafka. The result is written to bench/results/rows-MODEL.json.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadModel } from '../src/adapters/onnx/model.ts';
import { writeResult } from './processes/results.ts';
import { alternate, table } from './rows/alternate.ts';
import { openBare } from './rows/bare.ts';
import type { Contender, Setup } from './rows/contender.ts';
import { openMicroBatcher } from './rows/micro-batcher.ts';
import { openPipeline, openPipelineOnKafka } from './rows/pipeline.ts';
import { openScorer } from './rows/scorer.ts';

/** The first is what the others are measured by. */
const LAYERS: ((setup: Setup) => Promise<Contender>)[] = [openBare, openScorer, openMicroBatcher, openPipeline];

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: join(import.meta.dirname, '..', 'models', 'traffic-signs') },
    seconds: { type: 'string', default: '60' },
    workers: { type: 'string', default: String(availableParallelism()) },
    'tile-rows': { type: 'string', default: '16' },
    prefix: { type: 'string' },
    kafka: { type: 'boolean', default: false },
  },
});
const model = await loadModel(values.model);
const { name, tokens } = model.manifest;
const setup: Setup = {
  model,
  workers: Number(values.workers),
  tileRows: Number(values['tile-rows']),
  prefix: Number(values.prefix ?? tokens.positions),
};

const contenders: Contender[] = [];
try {
  for (const open of values.kafka ? [...LAYERS, openPipelineOnKafka] : LAYERS) contenders.push(await open(setup));
  const standings = await alternate(contenders, Number(values.seconds));
  console.log(table(standings));
  const { workers, tileRows, prefix } = setup;
  await writeResult(`rows-${name}`, { model: name, digest: model.digestHex, workers, tileRows, prefix, standings });
} finally {
  for (const contender of contenders) await contender.close();
}
