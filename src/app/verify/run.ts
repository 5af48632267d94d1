import { setTimeout as sleep } from 'node:timers/promises';
import { OrdoError } from '../../errors.ts';
import type { Log, LogRecord } from '../../ports/log.ts';
import { persist } from '../../runtime/persist.ts';
import { openLog } from '../open-log.ts';
import { type ImageInput, type ImageProducer, openProducer } from '../producer.ts';
import { type PipelineSpec, topicNames } from '../spec.ts';
import { duplicate } from './duplicate.ts';
import { countOf, readTopic } from './outcomes.ts';
import type { Fault, Harm, Processes } from './plan.ts';
import { StageProcesses } from './processes.ts';
import { allLags, settled } from './settle.ts';

/** A broker that may be hurt. */
export interface FragileBroker {
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again; resolves when it answers. */
  start(): Promise<void>;
}

export interface RunOptions {
  images: number;
  /** Image `index`: always the same. */
  image: (index: number) => Promise<ImageInput>;
  processes: Processes;
  faults: readonly Fault[];
  broker?: FragileBroker;
  /** Told of each fault once it was done, with the outcomes that there were just before. */
  onFault?: (fault: Fault, outcomes: number) => void;
  signal: AbortSignal;
}

export interface RunResult {
  outcomes: LogRecord[];
  /** Records published again on purpose. */
  duplicated: number;
  /** Processes that ended though nobody made them. */
  endings: number;
  /** Whether the pipeline finished its work; else it stood still with some left. */
  settled: boolean;
  /** Whether the log publishes outcomes and moves offsets in one step. */
  atomicCommit: boolean;
}

/** Images published at a time. */
const BATCH = 50;
const LOOK_MS = 50;
/** Nothing has moved for so long, beyond three sessions: it never will. */
const IDLE_MS = 60_000;

/**
 * Feeds images into a pipeline whose stages run in processes of their own, while faults happen to them, and gives all
 * outcomes. Without faults it is the undisturbed run. Errors: those of the log, and STOPPED once `signal` is aborted.
 */
export async function runWithFaults(spec: PipelineSpec, options: RunOptions): Promise<RunResult> {
  const log = await openLog(spec);
  const processes = new StageProcesses(spec, options.processes);
  try {
    const run = new Run(spec, log, processes, options);
    return await run.result();
  } finally {
    await processes.close();
    await log.close();
  }
}

class Run {
  readonly #spec: PipelineSpec;
  readonly #log: Log;
  readonly #processes: StageProcesses;
  readonly #options: RunOptions;
  readonly #producer: ImageProducer;
  readonly #pauses: Promise<void>[] = [];
  #duplicated = 0;

  constructor(spec: PipelineSpec, log: Log, processes: StageProcesses, options: RunOptions) {
    this.#spec = spec;
    this.#log = log;
    this.#processes = processes;
    this.#options = options;
    this.#producer = openProducer(spec, log);
  }

  async result(): Promise<RunResult> {
    await this.#feed();
    await Promise.all(this.#pauses);
    const idleMs = IDLE_MS + 3 * this.#spec.log.sessionTimeoutMs;
    const look = () => this.#persist(() => allLags(this.#log, this.#spec));
    const done = await settled(look, { everyMs: 5 * LOOK_MS, idleMs, signal: this.#options.signal });
    const outcomes = await this.#persist(() => readTopic(this.#log, this.#labels));
    return {
      outcomes,
      duplicated: this.#duplicated,
      endings: this.#processes.endings,
      settled: done,
      atomicCommit: this.#log.atomicCommit,
    };
  }

  /** Sends the images in as many parts as there are faults and one, and has a fault happen within each but the last. */
  async #feed(): Promise<void> {
    const { images, faults, onFault } = this.#options;
    const part = images / (faults.length + 1);
    for (let index = 0; index <= faults.length; index++) {
      const [from, to] = [Math.round(index * part), Math.round((index + 1) * part)];
      await this.#send(from, to);
      const fault = faults[index];
      if (!fault) return;
      await this.#outcomes(from + Math.floor(fault.share * (to - from)), fault.moreMs);
      const seen = await this.#persist(() => countOf(this.#log, this.#labels));
      await this.#harm(fault.harm);
      onFault?.(fault, seen);
    }
  }

  async #send(from: number, to: number): Promise<void> {
    for (let first = from; first < to; first += BATCH) {
      const indices = Array.from({ length: Math.min(BATCH, to - first) }, (_, i) => first + i);
      const batch = await Promise.all(indices.map(this.#options.image));
      await this.#persist(() => this.#producer.send(batch));
    }
  }

  /** Waits until there are so many outcomes, though not for ever, and then for `moreMs`. */
  async #outcomes(count: number, moreMs: number): Promise<void> {
    const deadline = performance.now() + 10_000 + 3 * this.#spec.log.sessionTimeoutMs;
    const few = async () => (await this.#persist(() => countOf(this.#log, this.#labels))) < count;
    while (performance.now() < deadline && (await few())) await sleep(LOOK_MS);
    await sleep(moreMs);
  }

  async #harm(harm: Harm): Promise<void> {
    const processes = this.#processes;
    if (harm.kind === 'kill') processes.kill(harm.stage, harm.pick);
    else if (harm.kind === 'add') processes.add(harm.stage);
    else if (harm.kind === 'remove') processes.remove(harm.stage, harm.pick);
    else if (harm.kind === 'duplicate') await this.#duplicate(harm);
    else if (harm.kind === 'broker') await this.#restartBroker(harm.downMs);
    else this.#pause(harm);
  }

  /** Halts a process while the run goes on. */
  #pause({ stage, pick, sessions }: Extract<Harm, { kind: 'pause' }>): void {
    const ms = sessions * this.#spec.log.sessionTimeoutMs;
    const pause = this.#processes.pause(stage, pick, ms, this.#options.signal);
    // The run ends with its error once all is sent: until then nobody waits for it, which must not end the process.
    pause.catch(() => {});
    this.#pauses.push(pause);
  }

  async #duplicate({ topic, pick, records }: Extract<Harm, { kind: 'duplicate' }>): Promise<void> {
    const name = topicNames(this.#spec)[topic];
    this.#duplicated += await this.#persist(() => duplicate(this.#log, name, pick, records));
  }

  async #restartBroker(downMs: number): Promise<void> {
    const { broker } = this.#options;
    await broker?.kill();
    await sleep(downMs);
    await broker?.start();
  }

  /** A call to the log, repeated through passing trouble. */
  async #persist<T>(call: () => Promise<T>): Promise<T> {
    const { signal } = this.#options;
    const options = { signal, onTrouble: () => {} };
    const found = signal.aborted ? undefined : await persist(async () => ({ value: await call() }), options);
    if (found) return found.value;
    throw new OrdoError('STOPPED', 'the run was cut off');
  }

  get #labels(): string {
    return topicNames(this.#spec).labels;
  }
}
