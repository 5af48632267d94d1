import { openOnnxScorer } from '../../src/adapters/onnx/scorer.ts';
import { type Contender, Meter, type Setup, saturate } from './contender.ts';
import { randomTile } from './inputs.ts';

/** The Scorer port, fed with full tiles. */
export async function openScorer(setup: Setup): Promise<Contender> {
  const { model, workers, tileRows } = setup;
  const scorer = await openOnnxScorer(model, { workers, tileRows, provider: 'cpu' });
  const tile = randomTile(setup);
  return {
    name: 'Scorer',
    slice: async (ms) => {
      const meter = new Meter(ms);
      await saturate(2 * workers, ms, async () => {
        await scorer.score(tile);
        meter.add(tileRows);
      });
      return meter.slice();
    },
    close: () => scorer.close(),
  };
}
