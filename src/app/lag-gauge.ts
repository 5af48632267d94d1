import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../ports/log.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { stageInputs, stageLag } from './lag.ts';
import type { PipelineNames, StageName } from './spec.ts';

/** Well below what Prometheus gives a scrape, 10 seconds: the other metrics must not go with the lag. */
const MOST_MS = 2000;

export interface LagGaugeOptions {
  log: Pick<Log, 'topics' | 'committed'>;
  stages: readonly StageName[];
  telemetry: Telemetry;
  /** Longest wait for a measurement. Default: two seconds. */
  mostMs?: number;
}

/** Records that a stage has yet to read of a topic. */
interface TopicLag {
  stage: StageName;
  topic: string;
  records: number;
}

/** Keeps `ordo_consumer_lag_records` of some stages: as the log says now, and absent while it does not say. */
export class LagGauge {
  readonly #pipeline: PipelineNames;
  readonly #options: LagGaugeOptions;
  #underWay: Promise<boolean> | undefined;

  constructor(pipeline: PipelineNames, options: LagGaugeOptions) {
    this.#pipeline = pipeline;
    this.#options = options;
  }

  /**
   * Sets the gauge by a new measurement or by the one under way, for there is one at a time; takes it away if that fails
   * or is late. One that is late sets the gauge at its end, unless it fails. Never rejects.
   */
  async measure(): Promise<void> {
    this.#underWay ??= this.#set().finally(() => {
      this.#underWay = undefined;
    });
    if (!(await this.#inTime(this.#underWay))) this.#unset();
  }

  async #inTime(measured: Promise<boolean>): Promise<boolean> {
    const { mostMs = MOST_MS } = this.#options;
    const done = new AbortController();
    const late = sleep(mostMs, false, { signal: done.signal, ref: false }).catch(() => false);
    try {
      return await Promise.race([measured, late]);
    } finally {
      done.abort();
    }
  }

  /** Whether the log said. */
  async #set(): Promise<boolean> {
    try {
      for (const { records, ...labels } of await this.#lags()) {
        this.#options.telemetry.set('ordo_consumer_lag_records', labels, records);
      }
      return true;
    } catch {
      // The stages meet the same trouble, and report it.
      return false;
    }
  }

  async #lags(): Promise<TopicLag[]> {
    const { log, stages } = this.#options;
    const all = stages.map(async (stage) => {
      const byTopic = Map.groupBy(await stageLag(log, this.#pipeline, stage), ({ topic }) => topic);
      return [...byTopic].map(([topic, partitions]) => {
        return { stage, topic, records: partitions.reduce((sum, { lag }) => sum + lag, 0) };
      });
    });
    return (await Promise.all(all)).flat();
  }

  #unset(): void {
    const { stages, telemetry } = this.#options;
    for (const stage of stages) {
      for (const topic of stageInputs(this.#pipeline, stage)) {
        telemetry.unset('ordo_consumer_lag_records', { stage, topic });
      }
    }
  }
}
