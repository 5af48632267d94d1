/**
 * Rows a second by the number of rows in a tile, as shares of the first one's:
 *   node bin/node24.js bench/tile-rows.ts [--model DIR] [--seconds S] [--workers N] [--tile-rows N,N,...] [--prefix N]
 * Full tiles only: small tiles waste less where rounds are small, large ones may be computed faster.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadModel } from '../src/adapters/onnx/model.ts';
import { alternate, table } from './rows/alternate.ts';
import type { Contender } from './rows/contender.ts';
import { openScorer } from './rows/scorer.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: join(import.meta.dirname, '..', 'models', 'traffic-signs') },
    seconds: { type: 'string', default: '60' },
    workers: { type: 'string', default: String(availableParallelism()) },
    'tile-rows': { type: 'string', default: '16,8,32,43,64' },
    prefix: { type: 'string' },
  },
});
const model = await loadModel(values.model);
const prefix = Number(values.prefix ?? model.manifest.tokens.positions);

const contenders: Contender[] = [];
try {
  for (const tileRows of values['tile-rows'].split(',').map(Number)) {
    const contender = await openScorer({ model, workers: Number(values.workers), tileRows, prefix });
    contenders.push({ ...contender, name: `${tileRows} rows` });
  }
  console.log(table(await alternate(contenders, Number(values.seconds))));
} finally {
  for (const contender of contenders) await contender.close();
}
