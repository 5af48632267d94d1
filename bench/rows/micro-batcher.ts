import { openOnnxScorer } from '../../src/adapters/onnx/scorer.ts';
import { silentTelemetry } from '../../src/adapters/telemetry/silent.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import { MicroBatcher } from '../../src/runtime/micro-batcher.ts';
import { type Contender, Meter, type Setup, saturate } from './contender.ts';
import { randomRound } from './inputs.ts';

/** Rounds in flight: enough that tiles fill. */
const ROUNDS = 16;

/** Micro-batches over the Scorer port, fed with rounds of one order over all classes. */
export async function openMicroBatcher(setup: Setup): Promise<Contender> {
  const { model, workers, tileRows } = setup;
  const scorer = await openOnnxScorer(model, { workers, tileRows, provider: 'cpu' });
  let meter = new Meter(0);
  const telemetry: Telemetry = {
    ...silentTelemetry(),
    count: (metric, _labels, value = 1) => {
      if (metric === 'ordo_rows_total') meter.add(value);
    },
  };
  const { positions } = model.manifest.tokens;
  const batcher = new MicroBatcher(scorer, { positions, maxDelayMs: 5, telemetry });
  return {
    name: 'MicroBatcher',
    slice: async (ms) => {
      meter = new Meter(ms);
      await saturate(ROUNDS, ms, () => batcher.scoreRound(randomRound(setup)));
      return meter.slice();
    },
    close: async () => {
      await batcher.close();
      await scorer.close();
    },
  };
}
