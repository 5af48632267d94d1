import { parentPort, workerData } from 'node:worker_threads';
import { Tensor } from 'onnxruntime-node';
import type { GraphFile } from '../../src/adapters/onnx/graph-file.ts';
import { openSession, SIGNATURES } from '../../src/adapters/onnx/session.ts';
import type { Tile } from '../../src/ports/scorer.ts';
import type { Slice } from './contender.ts';

const { graph, tiles, positions }: { graph: GraphFile; tiles: Tile[]; positions: number } = workerData;
const session = await openSession(graph, SIGNATURES.score);
const feeds = tiles.map(({ rows, prefix, tokens, orders, classes }) => ({
  tokens: new Tensor('int32', tokens, [rows, positions]),
  order: new Tensor('int32', orders, [rows, prefix]),
  class: new Tensor('int32', classes, [rows]),
}));

/** Runs tiles for `ms`; answers with what it did. */
parentPort?.on('message', (ms: number) => {
  void loop(ms).then((slice) => parentPort?.postMessage(slice, []));
});
parentPort?.postMessage('ready', []);

async function loop(ms: number): Promise<Slice> {
  const started = performance.now();
  let rows = 0;
  for (let i = 0; performance.now() - started < ms; i++) {
    const feed = feeds[i % feeds.length];
    if (feed) await session.run(feed);
    rows += tiles[0]?.rows ?? 0;
  }
  return { rows, perSecond: (1000 * rows) / (performance.now() - started) };
}
