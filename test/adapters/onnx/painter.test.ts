import assert from 'node:assert/strict';
import { loadModel, type Model } from '../../../src/adapters/onnx/model.ts';
import { openPainter, type Painter } from '../../../src/adapters/onnx/painter.ts';
import { openOnnxScorer } from '../../../src/adapters/onnx/scorer.ts';
import { openEncoder } from '../../../src/adapters/onnx/tokenizer-encoder.ts';
import { toNats } from '../../../src/domain/evidence.ts';
import { orderOf } from '../../../src/domain/orders.ts';
import { MicroBatcher } from '../../../src/runtime/micro-batcher.ts';
import { silent } from '../../support/silent.ts';
import { TINY_MODEL } from '../../support/tiny.ts';

const SEEDS = 6;

describe('a painter', () => {
  let model: Model;
  let painter: Painter;

  before(async () => {
    model = await loadModel(TINY_MODEL);
    painter = await openPainter(model);
  });
  after(() => painter.close());

  /** Pictures of each class with each seed, class by class. */
  const requests = () =>
    model.manifest.classes.flatMap((_, classId) => Array.from({ length: SEEDS }, (__, seed) => ({ classId, seed })));

  it('paints pictures of the size and tokens of the model', async () => {
    const { tokens, pixels } = await painter.paint({ classId: 1, seed: 1 });
    const { image, tokens: grid } = model.manifest;
    assert.equal(pixels.length, image.width * image.height * 3);
    assert.equal(tokens.length, grid.positions);
    assert.ok(tokens.every((token) => token < grid.codes));
  });

  it('paints the same picture each time, alone or among others', async () => {
    const among = await painter.paintMany(requests());
    for (const index of [0, 9, among.length - 1]) {
      const request = requests()[index];
      assert.ok(request);
      assert.deepEqual(await painter.paint(request), among[index]);
    }
  });

  it('paints another picture with another seed', async () => {
    const pictures = await painter.paintMany(Array.from({ length: 8 }, (_, seed) => ({ classId: 2, seed })));
    assert.equal(new Set(pictures.map(({ pixels }) => pixels.join())).size, 8);
  });

  it('paints what the model finds probable when the temperature is low', async () => {
    const [hot, cold] = await Promise.all([nats(1), nats(0.01)]);
    assert.ok(cold > hot, `${cold} is not above ${hot}`);
  });

  /** Mean log-likelihood of pictures of that temperature, each under its class. */
  async function nats(temperature: number): Promise<number> {
    const pictures = await painter.paintMany(requests().map((request) => ({ ...request, temperature })));
    const all = await logLikelihoods(pictures.map(({ tokens }) => tokens));
    return toNats(mean(requests().map(({ classId }, index) => all[index]?.[classId] ?? Number.NaN)));
  }

  it('paints pictures that are read as the class painted, most of them', async () => {
    const encoder = await openEncoder(model.graph('encoder.onnx'), model.manifest);
    const pictures = await painter.paintMany(requests());
    const all = await logLikelihoods(await Promise.all(pictures.map(({ pixels }) => encoder.encode(pixels))));
    const right = all.filter((row, index) => row.indexOf(Math.max(...row)) === requests()[index]?.classId);
    assert.ok(right.length / all.length > 0.75, `${right.length} of ${all.length}`);
  });

  /** By picture: the mean log-likelihood of every class over four orders, fixed-point. */
  async function logLikelihoods(pictures: Uint16Array[]): Promise<number[][]> {
    const { tokens: grid, classes } = model.manifest;
    const scorer = await openOnnxScorer(model, { workers: 2, tileRows: 16, provider: 'cpu' });
    const batcher = new MicroBatcher(scorer, { positions: grid.positions, maxDelayMs: 1, telemetry: silent.telemetry });
    const orders = [0, 1, 2, 3].map((k) => orderOf(model.digest, new Uint8Array(32), k, grid.positions));
    const ids = classes.map((_, id) => id);
    const rounds = pictures.map(async (tokens) => {
      const evidence = await batcher.scoreRound({ tokens, orders, prefix: grid.positions, classes: ids });
      return ids.map((id) => mean(orders.map((_, k) => evidence[k * ids.length + id] ?? Number.NaN)));
    });
    const all = await Promise.all(rounds);
    await batcher.close();
    await scorer.close();
    return all;
  }
});

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
