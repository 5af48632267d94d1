import assert from 'node:assert/strict';
import { loadModel, type Model } from '../../../src/adapters/onnx/model.ts';
import { randomTile, requireParity } from '../../../src/adapters/onnx/parity.ts';
import { openOnnxScorer } from '../../../src/adapters/onnx/scorer.ts';
import type { Scorer } from '../../../src/ports/scorer.ts';
import { TINY_MODEL } from '../../support/tiny.ts';

const OPTIONS = { workers: 1, tileRows: 4, provider: 'cpu' } as const;

describe('the comparison of a scorer with the CPU', () => {
  let model: Model;
  let cpu: Scorer;
  before(async () => {
    model = await loadModel(TINY_MODEL);
    cpu = await openOnnxScorer(model, OPTIONS);
  });
  after(() => cpu.close());

  /** A scorer on an accelerator that is off by so much in one token of each row of the longest prefix. */
  const off = (nats: number): Scorer => ({
    profile: { ...cpu.profile, provider: 'webgpu' },
    tileRows: cpu.tileRows,
    parallelism: cpu.parallelism,
    async score(tile) {
      const found = await cpu.score(tile);
      return tile.prefix === 16 ? found.map((value, at) => (at % 16 === 15 ? value + nats : value)) : found;
    },
    close: () => cpu.close(),
  });

  it('lets pass what differs by less than a thousandth of a nat', async () => {
    await requireParity(off(0.0009), cpu, model.manifest);
  });

  it('refuses what differs by more in a single token, and says by how much', async () => {
    const refused = {
      code: 'SCORER_PARITY',
      message: /^webgpu is 0\.001\d+ nats off the CPU at prefix 16, 0\.001 are/,
    };
    await assert.rejects(requireParity(off(0.0012), cpu, model.manifest), refused);
    await assert.rejects(requireParity(off(-0.0012), cpu, model.manifest), refused);
  });

  it('refuses what is no number', async () => {
    await assert.rejects(requireParity(off(Number.NaN), cpu, model.manifest), { code: 'SCORER_PARITY' });
  });

  it('takes the same tile each time, of orders that name each place once', () => {
    const tile = randomTile(model.manifest, 3, 16);
    assert.deepEqual(tile, randomTile(model.manifest, 3, 16));
    for (const row of [0, 1, 2]) assert.equal(new Set(tile.orders.subarray(16 * row, 16 * row + 16)).size, 16);
    assert.ok(new Set(tile.classes).size > 1);
  });
});

describe('a provider that the machine does not have', () => {
  it('is refused before anything is scored', async function () {
    const model = await loadModel(TINY_MODEL);
    const opening = openOnnxScorer(model, { ...OPTIONS, provider: 'cuda', deviceId: 99 });
    await assert.rejects(opening, {
      code: 'PROVIDER_UNAVAILABLE',
      message: /score\.onnx cannot be opened with cuda: /,
    });
  });
});
