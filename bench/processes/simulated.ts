import { setTimeout as sleep } from 'node:timers/promises';
import type { Model } from '../../src/adapters/onnx/model.ts';
import { loadPipelineModel, shapeOf } from '../../src/app/model.ts';
import { openLog } from '../../src/app/open-log.ts';
import { groupName, type PipelineSpec, topicNames } from '../../src/app/spec.ts';
import { Mutex } from '../../src/concurrency/mutex.ts';
import type { Logger } from '../../src/ports/logger.ts';
import type { Scorer, Tile } from '../../src/ports/scorer.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import { MicroBatcher } from '../../src/runtime/micro-batcher.ts';
import { Pump } from '../../src/runtime/pump.ts';
import { createRouter } from '../../src/stages/router.ts';
import { scoreStage } from '../../src/stages/score.ts';

/** An accelerator that does not exist: it takes its time over a tile, and none of the processor's. */
export interface Device {
  tileMs: number;
}

/** Runs the score stage on a simulated device. */
export async function startSimulated(
  spec: PipelineSpec,
  device: Device,
  { telemetry, logger }: { telemetry: Telemetry; logger: Logger },
): Promise<{ done: Promise<void>; stop(): Promise<void> }> {
  const model = await loadPipelineModel(spec);
  const log = await openLog(spec, { logger });
  const { maxDelayMs, maxImages, tileRows } = spec.scoring;
  const { positions } = model.manifest.tokens;
  const batcher = new MicroBatcher(simulate(model, tileRows, device), { positions, maxDelayMs, telemetry });
  const router = createRouter(topicNames(spec), spec.topics.partitions);
  const context = { router, model: shapeOf(model), rule: spec.decision, telemetry, now: Date.now };
  const pump = new Pump({
    log,
    handler: scoreStage(context, batcher),
    telemetry,
    logger,
    alone: new Mutex(),
    group: groupName(spec, 'score'),
    maxInFlight: maxImages,
    sessionTimeoutMs: spec.log.sessionTimeoutMs,
    drainMs: 3000,
  });
  return {
    done: pump.done,
    async stop() {
      await pump.stop();
      await batcher.close();
      await log.close();
    },
  };
}

/** One tile at a time, `tileMs` each, however late the timers of this process fire. */
function simulate(model: Model, tileRows: number, { tileMs }: Device): Scorer {
  let freeAt = 0;
  return {
    profile: {
      modelDigest: model.digestHex,
      precision: 'fp16',
      provider: 'cuda',
      runtime: 'simulated',
      cpu: 'none',
      threads: 1,
      tileRows,
    },
    tileRows,
    parallelism: 1,
    async score(tile) {
      freeAt = Math.max(freeAt, performance.now()) + tileMs;
      await sleep(Math.max(0, freeAt - performance.now()));
      return logLikelihoods(tile, model.manifest.tokens.positions);
    },
    close: async () => {},
  };
}

/** Plausible numbers, a function of the row alone: a share of what chance would give, better in one class of the row's. */
function logLikelihoods({ rows, prefix, tokens, orders, classes }: Tile, positions: number): Float32Array {
  return Float32Array.from({ length: rows * prefix }, (_, at) => {
    const row = Math.floor(at / prefix);
    const token = tokens[row * positions + (orders[at] ?? 0)] ?? 0;
    const mixed = Math.imul(token + 1, 0x9e3779b1) ^ Math.imul((classes[row] ?? 0) + 1, 0x85ebca6b);
    return -1 - (mixed >>> 8) / 2 ** 23;
  });
}
