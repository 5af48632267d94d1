import { setTimeout as sleep } from 'node:timers/promises';
import { OrderCeiling, ordersOfPlan } from '../domain/load.ts';
import type { Log } from '../ports/log.ts';
import type { Logger } from '../ports/logger.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { stageLag } from './lag.ts';
import type { PipelineSpec } from './spec.ts';

/** Most orders that an image which begins now may be read in. */
export interface LoadWatch {
  /** 0: as many as the plan has. */
  ceiling(): number;
  close(): Promise<void>;
}

const EVERY_MS = 1000;

/** Follows how far the score stage is behind. While the log does not say, the ceiling stays where it is. */
export function watchLoad(
  spec: PipelineSpec,
  { log, telemetry, logger }: { log: Log; telemetry: Telemetry; logger: Logger },
): LoadWatch {
  const { load } = spec;
  const most = ordersOfPlan(spec.decision);
  telemetry.set('ordo_order_ceiling', {}, most);
  if (!load) return { ceiling: () => 0, close: async () => {} };
  const orders = new OrderCeiling(most, load);
  const stop = new AbortController();

  async function look(): Promise<void> {
    const before = orders.current;
    const partitions = await stageLag(log, spec, 'score');
    const lag = partitions.reduce((sum, one) => sum + one.lag, 0);
    orders.observe(lag);
    telemetry.set('ordo_order_ceiling', {}, orders.current);
    if (orders.current !== before) logger.info({ lag, orders: orders.current }, 'orders were adapted to the load');
  }

  async function watch(): Promise<void> {
    while (!stop.signal.aborted) {
      // The stages meet the same trouble, and report it.
      await look().catch(() => {});
      await sleep(EVERY_MS, undefined, { signal: stop.signal }).catch(() => {});
    }
  }

  const watching = watch();
  return {
    ceiling: () => (orders.current < most ? orders.current : 0),
    close: async () => {
      stop.abort();
      await watching;
    },
  };
}
