import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Contender, Setup, Slice } from './contender.ts';
import { randomTile } from './inputs.ts';

/** ONNX Runtime and nothing else: worker threads that each run the same few tiles over and over. */
export async function openBare(setup: Setup): Promise<Contender> {
  const { model, workers } = setup;
  const tiles = Array.from({ length: 4 }, () => randomTile(setup));
  const data = { graph: model.graph('score.onnx'), tiles, positions: model.manifest.tokens.positions };
  const module = new URL('./bare-worker.ts', import.meta.url);
  const threads = Array.from({ length: workers }, () => new Worker(module, { workerData: data }));
  await Promise.all(threads.map((thread) => once(thread, 'message')));

  async function sliceOf(thread: Worker, ms: number): Promise<Slice> {
    const answered = once(thread, 'message');
    thread.postMessage(ms, []);
    const [slice]: Slice[] = await answered;
    return slice ?? { rows: 0, perSecond: 0 };
  }

  return {
    name: 'ONNX Runtime',
    slice: async (ms) => {
      const slices = await Promise.all(threads.map((thread) => sliceOf(thread, ms)));
      return slices.reduce((sum, { rows, perSecond }) => ({
        rows: sum.rows + rows,
        perSecond: sum.perSecond + perSecond,
      }));
    },
    close: async () => {
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}
