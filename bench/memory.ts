/**
 * The resident set of a process that scores with one worker thread, over many rows:
 *   node bin/node24.js bench/memory.ts [--rows 1000000] [--model DIR]
 * Tiles of all prefix lengths by turns, a result taken for each. The slope is the least-squares one without the first
 * tenth. The result is written to bench/results/memory-MODEL.json.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadModel } from '../src/adapters/onnx/model.ts';
import { randomTile } from '../src/adapters/onnx/parity.ts';
import { openOnnxScorer } from '../src/adapters/onnx/scorer.ts';
import { writeResult } from './processes/results.ts';
import { slope } from './soak/trends.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    model: { type: 'string', default: join(import.meta.dirname, '..', 'models', 'traffic-signs') },
  },
});
const MB = 1 << 20;
const SAMPLES = 100;
const rows = Number(values.rows);
const tileRows = 16;
const model = await loadModel(values.model);
const scorer = await openOnnxScorer(model, { workers: 1, tileRows, provider: 'cpu' });
const tiles = model.manifest.prefixes.map((prefix) => randomTile(model.manifest, tileRows, prefix));
const samples: { x: number; y: number }[] = [];
try {
  for (let done = 0, at = 0; done < rows; done += tileRows, at++) {
    const tile = tiles[at % tiles.length];
    if (tile) await scorer.score(tile);
    if (done >= (samples.length * rows) / SAMPLES) samples.push({ x: done / 1e6, y: process.memoryUsage.rss() / MB });
  }
  const late = samples.slice(SAMPLES / 10);
  const sizes = late.map(({ y }) => y);
  await writeResult(`memory-${model.manifest.name}`, {
    rows,
    prefixes: model.manifest.prefixes,
    residentMb: { least: Math.round(Math.min(...sizes)), most: Math.round(Math.max(...sizes)) },
    residentMbPerMillionRows: Number(slope(late).toFixed(2)),
  });
} finally {
  await scorer.close();
}
