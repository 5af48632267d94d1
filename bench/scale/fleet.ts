import { setTimeout as sleep } from 'node:timers/promises';
import { openLog } from '../../src/app/open-log.ts';
import { groupName, type PipelineSpec, topicNames } from '../../src/app/spec.ts';
import type { Log } from '../../src/ports/log.ts';
import { type Member, startMember } from '../processes/process.ts';
import type { Device } from '../processes/simulated.ts';
import { scoredBy } from './scorers.ts';
import { taskMaker } from './tasks.ts';

const LIMIT_MS = 60_000;
/** A rate is taken over this long. */
const WINDOW_MS = 1500;
/** This share of the full rate counts as full. */
const FULL = 0.95;

/** Scoring processes on simulated devices, over a backlog that never ends. */
export class Fleet {
  readonly members: Member[] = [];
  readonly #spec: PipelineSpec;
  readonly #device: Device;
  readonly #log: Log;

  private constructor(spec: PipelineSpec, device: Device, log: Log) {
    this.#spec = spec;
    this.#device = device;
    this.#log = log;
  }

  /** `tasks`: how many are put on the log, more than the whole run takes. */
  static async open(spec: PipelineSpec, device: Device, tasks: number): Promise<Fleet> {
    const log = await openLog(spec);
    const make = await taskMaker(spec);
    for (let left = tasks; left > 0; left -= 1000) await log.publish(await make(Math.min(1000, left)));
    return new Fleet(spec, device, log);
  }

  async add(): Promise<void> {
    this.members.push(await startMember(this.#spec, ['score'], { simulated: this.#device }));
  }

  async resize(count: number): Promise<void> {
    while (this.members.length < count) await this.add();
    await Promise.all(this.members.splice(count).map((member) => member.stop()));
  }

  /** Rows a second and cores taken over the time to come. */
  async measure(ms: number): Promise<{ rowsPerSecond: number; cores: number }> {
    const before = await scoredBy(this.members);
    await sleep(ms);
    const after = await scoredBy(this.members);
    const wallMs = after.atMs - before.atMs;
    return {
      rowsPerSecond: (1000 * (after.rows - before.rows)) / wallMs,
      cores: (after.cpuMs - before.cpuMs) / wallMs,
    };
  }

  /**
   * Seconds, from now on, until the processes score at their full rate over a window, and until every partition has
   * moved on. Throws if that takes too long.
   */
  async recovery(fullRowsPerSecond: number): Promise<{ fullRateSeconds: number; allPartitionsSeconds: number }> {
    const started = performance.now();
    const [fullRateMs, allPartitionsMs] = await Promise.all([this.#fullRate(fullRowsPerSecond), this.#allMoved()]);
    const seconds = (ms: number) => Number(((ms - started) / 1000).toFixed(2));
    return { fullRateSeconds: seconds(fullRateMs), allPartitionsSeconds: seconds(allPartitionsMs) };
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
    await this.#log.close();
  }

  /** The start of the first window in which the rate is full. */
  async #fullRate(rowsPerSecond: number): Promise<number> {
    const end = performance.now() + LIMIT_MS;
    const samples = [await scoredBy(this.members)];
    while (performance.now() < end) {
      await sleep(100);
      const now = await scoredBy(this.members);
      samples.push(now);
      const since = samples.findLast(({ atMs }) => now.atMs - atMs >= WINDOW_MS);
      if (since && now.rows - since.rows >= (FULL * rowsPerSecond * (now.atMs - since.atMs)) / 1000) return since.atMs;
    }
    throw new Error(`no full throughput within ${LIMIT_MS} ms`);
  }

  async #allMoved(): Promise<number> {
    const end = performance.now() + LIMIT_MS;
    const before = await this.#offsets();
    while (performance.now() < end) {
      const now = await this.#offsets();
      if ([...now].every(([partition, offset]) => offset > (before.get(partition) ?? -1))) return performance.now();
      await sleep(100);
    }
    throw new Error(`a partition stands still for ${LIMIT_MS} ms`);
  }

  async #offsets(): Promise<Map<number, number>> {
    const { tasks } = topicNames(this.#spec);
    const committed = await this.#log.committed(groupName(this.#spec, 'score'));
    return new Map(committed.flatMap((one) => (one.topic === tasks ? [[one.partition, one.offset]] : [])));
  }
}
