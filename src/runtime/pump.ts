import { OrdoError } from '../errors.ts';
import type { Handler } from '../ports/handler.ts';
import type { Consumer, Log, LogRecord } from '../ports/log.ts';
import type { Logger } from '../ports/logger.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { atMost } from '../concurrency/at-most.ts';
import { Committer } from './committer.ts';
import { countCommitted } from './count.ts';
import { reportGaps } from './gaps.ts';
import { type Holding, Holdings } from './holdings.ts';
import type { Mutex } from '../concurrency/mutex.ts';
import { persist } from './persist.ts';
import { Room } from './room.ts';
import { isPoison, mustBeAlone } from './suspicion.ts';
import type { Entry, FinishedRun } from './tracker.ts';
import { Troubles, type TroublesOptions } from './troubles.ts';
import { type Handled, Worker } from './worker.ts';

export interface PumpOptions extends Pick<TroublesOptions, 'stalledMs' | 'now'> {
  log: Log;
  group: string;
  handler: Handler;
  /**
   * Most records that are handled for the first time at once, but for a quarter more where one partition has them all.
   * As many at most are tried again beside them, at a time. Room says how many are held.
   */
  maxInFlight: number;
  sessionTimeoutMs: number;
  /** How long `stop` waits for the records in hand; and an end by a failure for its marks to be taken back. */
  drainMs: number;
  /** Shared by all pumps of the process: records under suspicion are handled one at a time in all of it. */
  alone: Mutex;
  telemetry: Telemetry;
  logger: Logger;
}

/** How much of a session a partition that is to go waits for what is in hand of it. The log waits a third. */
const PATIENCE = 1 / 4;

/** A record under suspicion that has not killed the process within this time does not keep the others waiting. */
const ALONE_MS = 30_000;

/**
 * Runs a handler over the log: polls, handles many records side by side, and commits in order. A record's outputs are
 * published in the step that moves the offset past it, and never before its predecessors'. If the process dies
 * 1. while records are handled, nothing of them was written: the next owner polls the same records again;
 * 2. between handling and commit, the same;
 * 3. within a commit, all of it or nothing was written where the log has `atomicCommit`; elsewhere outputs may be there
 *    with the offset not moved, and the next owner publishes them again, byte for byte the same;
 * 4. after a commit, nothing is repeated.
 * A record at which processes die again and again is handled alone and in the end given up (runtime/suspicion.ts).
 */
export class Pump {
  /** Settles when the pump has ended; rejects if the log failed for good. */
  readonly done: Promise<void>;
  readonly #options: PumpOptions;
  readonly #worker: Worker;
  readonly #holdings = new Holdings();
  readonly #room: Room;
  readonly #stop = new AbortController();
  /** Rejects with a defect that no record can be given up for. */
  readonly #broken = Promise.withResolvers<never>();
  readonly #troubles: Troubles;

  constructor(options: PumpOptions) {
    this.#options = options;
    this.#troubles = new Troubles({ ...options, holdings: this.#holdings });
    this.#room = new Room(this.#holdings, options.maxInFlight, () => this.#troubles.canCommit);
    this.#worker = new Worker({
      ...options,
      mostRetries: options.maxInFlight,
      signal: this.#stop.signal,
      onRetry: (entry, error) => this.#onRetry(entry, error),
      isHeld: (entry) => this.#holdings.has(entry),
    });
    this.#broken.promise.catch(() => {});
    this.done = this.#run();
    this.done.catch(() => {});
  }

  /** What keeps the pump, or a partition of it, from making progress, in words; undefined when nothing does. */
  get trouble(): string | undefined {
    return this.#troubles.any;
  }

  /** What keeps the pump as a whole from making progress, or hangs in it, in words; undefined when nothing does. */
  get obstacle(): string | undefined {
    return this.#troubles.obstacle;
  }

  /** Takes no more records, finishes those in hand within the drain time, commits, and leaves the group. */
  async stop(): Promise<void> {
    this.#halt();
    await this.done;
  }

  #halt(): void {
    this.#stop.abort();
    this.#holdings.changed.raise();
  }

  async #run(): Promise<void> {
    const held: { committer?: Committer } = {};
    const consumer = await this.#persist(() => this.#join(held));
    if (!consumer) return;
    const committer = new Committer({
      consumer,
      holdings: this.#holdings,
      signal: this.#stop.signal,
      onTrouble: (error) => this.#note('commit', error),
      onTooLarge: (entry, error) => this.#worker.shrink(entry, error),
      onAnswered: () => this.#troubles.clear('commit'),
      onCommitted: (runs) => this.#onCommitted(runs),
    });
    held.committer = committer;
    try {
      await Promise.race([this.#loop(consumer, committer), committer.done, this.#broken.promise]);
      await this.#drain(committer);
    } catch (error) {
      await this.#backOut(committer);
      throw error;
    } finally {
      await consumer.close().catch(() => {});
      this.#showInFlight(0);
    }
  }

  #join(held: { committer?: Committer }): Promise<Consumer> {
    const { log, group, handler, sessionTimeoutMs, telemetry, logger } = this.#options;
    const holdings = this.#holdings;
    return log.consume({
      group,
      topics: handler.inputs,
      from: 'earliest',
      sessionTimeoutMs,
      onAssigned: (partitions) => holdings.assign(partitions),
      onRevoked: (partitions) =>
        holdings.release(partitions, {
          patienceMs: sessionTimeoutMs * PATIENCE,
          clear: (leaving) => clearMarks(leaving, held.committer),
        }),
      ...reportGaps(handler.name, { telemetry, logger }),
    });
  }

  async #loop(consumer: Consumer, committer: Committer): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#holdings.keepOnly(consumer.assignment());
      this.#showInFlight();
      const ready = () => this.#room.open || this.#stop.signal.aborted;
      const open = await this.#holdings.changed.until(ready, this.#room.patienceMs);
      if (open || this.#room.spare > 0) await this.#turn(consumer, committer);
    }
  }

  /** Takeovers are settled between a poll and its records, so that no record of a suspect partition is begun before. */
  async #turn(consumer: Consumer, committer: Committer): Promise<void> {
    const records = (await this.#persist(() => consumer.poll(this.#room.wants()))) ?? [];
    const polled = records.map((record) => ({ record, holding: this.#holdings.find(record) }));
    await this.#takeOver(committer);
    if (this.#stop.signal.aborted) return;
    for (const { record, holding } of polled) this.#take(record, holding, committer);
    this.#showInFlight();
  }

  #take(record: LogRecord, holding: Holding | undefined, committer: Committer): void {
    const entry = this.#holdings.take(record, holding);
    if (entry) this.#process(entry, committer);
  }

  #process(entry: Entry, committer: Committer): void {
    const settle = (handled: Handled | undefined) => {
      if (!handled) return;
      Object.assign(entry, handled);
      committer.wake();
      // Every commit raises it; behind a record that takes long there is none.
      if (this.#room.free * 2 >= this.#options.maxInFlight) this.#holdings.changed.raise();
    };
    this.#worker
      .handle(entry)
      .then(settle)
      .catch((error: unknown) => this.#broken.reject(error));
  }

  /** Marks partitions newly taken over, and handles alone the first record of those at which processes died. */
  async #takeOver(committer: Committer): Promise<void> {
    const fresh = this.#holdings.all().filter((holding) => holding.takeover);
    if (fresh.length === 0) return;
    const suspect = fresh.filter(({ takeover }) => takeover && mustBeAlone(takeover));
    await committer.mark(
      fresh.filter((holding) => !suspect.includes(holding)),
      'takeover',
    );
    for (const holding of suspect) await this.#options.alone.run(() => this.#handleAlone(holding, committer));
    for (const holding of fresh) holding.takeover = undefined;
  }

  async #handleAlone(holding: Holding, committer: Committer): Promise<void> {
    await this.#aside(() => this.#holdings.inFlight === 0);
    if (this.#stop.signal.aborted) return;
    const record = await this.#first(holding);
    const { takeover } = holding;
    if (!record || !takeover) return;
    const isPoisonous = isPoison(takeover);
    if (!isPoisonous) {
      holding.takeover = { ...takeover, alone: takeover.alone + 1 };
      await committer.mark([holding], 'takeover');
      // Then the mark may not have been written, and a death at the record would count for nothing.
      if (this.#stop.signal.aborted) return;
    }
    const entry = this.#holdings.take(record, holding);
    if (!entry) return;
    if (isPoisonous) {
      Object.assign(entry, this.#worker.giveUp(record, poison(takeover.starts - 1)));
      committer.wake();
    } else {
      this.#process(entry, committer);
    }
    await this.#aside(() => holding.tracker.inFlight === 0 || !this.#holdings.holds(holding));
  }

  /** Keeps other work aside until the condition holds, the pump is stopped, or long enough for a process to die of it. */
  async #aside(condition: () => boolean): Promise<void> {
    await this.#holdings.changed.until(() => condition() || this.#stop.signal.aborted, ALONE_MS);
  }

  async #first({ tracker: { topic, partition, position } }: Holding): Promise<LogRecord | undefined> {
    const request = { topic, partition, offset: position, maxRecords: 1, waitMs: 0 };
    return (await this.#persist(() => this.#options.log.read(request)))?.[0];
  }

  async #drain(committer: Committer): Promise<void> {
    await this.#holdings.changed.until(() => this.#holdings.inFlight === 0, this.#options.drainMs);
    await committer.close();
    await clearMarks(this.#holdings.all(), committer);
  }

  /**
   * Ends after a failure. No record killed this process, so the marks go, as far as the log takes that in time. It is
   * stopped first: then the log is asked once and not for ever, and nothing is marked any more.
   */
  async #backOut(committer: Committer): Promise<void> {
    this.#halt();
    await atMost(this.#options.drainMs, clearMarks(this.#holdings.all(), committer));
  }

  #onCommitted(runs: readonly FinishedRun[]): void {
    this.#troubles.committed();
    countCommitted(runs, this.#options);
    this.#showInFlight();
  }

  #showInFlight(count = this.#holdings.inFlight): void {
    const { handler, telemetry } = this.#options;
    telemetry.set('ordo_in_flight_records', { stage: handler.name }, count);
  }

  /** A call that reads from the log, repeated through passing trouble; undefined once the pump is stopped. */
  async #persist<T>(call: () => Promise<T>): Promise<T | undefined> {
    const onTrouble = (error: OrdoError) => this.#note('poll', error);
    const result = await persist(call, { signal: this.#stop.signal, onTrouble });
    this.#troubles.clear('poll');
    return result;
  }

  #onRetry(entry: Entry, error: OrdoError): void {
    const { topic, partition, offset } = entry.record;
    entry.retried = error;
    this.#holdings.changed.raise();
    this.#warn(error, { topic, partition, offset });
  }

  #note(where: 'poll' | 'commit', error: OrdoError): void {
    this.#troubles.note(where, error);
    this.#warn(error);
  }

  #warn(error: OrdoError, place: Partial<Pick<LogRecord, 'topic' | 'partition' | 'offset'>> = {}): void {
    const { handler, telemetry, logger } = this.#options;
    telemetry.count('ordo_retries_total', { stage: handler.name, code: error.code });
    logger.warn({ code: error.code, stage: handler.name, ...place }, error.reason);
  }
}

async function clearMarks(leaving: readonly Holding[], committer: Committer | undefined): Promise<void> {
  await committer?.mark(leaving, 'clear').catch(() => {});
}

function poison(deaths: number): OrdoError {
  return new OrdoError(
    'RECORD_POISON',
    `${deaths} processes in a row died at this record, three of them handling it alone`,
  );
}
