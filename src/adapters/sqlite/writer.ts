import { OrdoError } from '../../errors.ts';
import { type Database, whileBusy } from './database.ts';

interface Job {
  work: () => unknown;
  bytes: number;
  settle: Settle;
}

interface Settle {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

type Outcome = { value: unknown } | { error: unknown };

/** Most bytes of one transaction, unless a single job has more. */
const TRANSACTION_BYTES = 8 * 1024 * 1024;

/**
 * Group commit: jobs that arrive while a transaction runs share the next one, and with it one sync of the disk.
 *
 * Each job has a savepoint of its own: one that throws an OrdoError is undone alone. Any other error (the disk is
 * full, the file damaged) undoes the transaction and fails every job in it. A job's promise settles after the commit.
 */
export class Writer {
  readonly #database: Database;
  #queue: Job[] = [];
  #running: Promise<void> | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Runs the work in a transaction. `bytes`: about how much it writes. */
  submit<T>(work: () => T, bytes = 0): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#queue.push({ work, bytes, settle: { resolve, reject } });
    this.#running ??= this.#run();
    return promise;
  }

  /** Resolves when nothing is left to write. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      // Lets the messages that wait in the port join the transaction.
      await new Promise<void>((resolve) => void setImmediate(resolve));
      await this.#transaction();
    }
    this.#running = undefined;
  }

  async #transaction(): Promise<void> {
    const begun = await this.#begin();
    const jobs = this.#take();
    if (begun !== true) return rejectAll(jobs, begun.error);
    try {
      const outcomes = jobs.map((job) => ({ job, outcome: this.#savepoint(job.work) }));
      this.#database.exec('COMMIT');
      for (const { job, outcome } of outcomes) settle(job, outcome);
    } catch (error) {
      this.#undo();
      rejectAll(jobs, error);
    }
  }

  async #begin(): Promise<true | { error: unknown }> {
    try {
      await whileBusy(() => this.#database.exec('BEGIN IMMEDIATE'));
      return true;
    } catch (error) {
      return { error };
    }
  }

  #take(): Job[] {
    let bytes = 0;
    const cut = this.#queue.findIndex((job, index) => {
      bytes += job.bytes;
      return index > 0 && bytes > TRANSACTION_BYTES;
    });
    return this.#queue.splice(0, cut < 0 ? this.#queue.length : cut);
  }

  #savepoint(work: () => unknown): Outcome {
    this.#database.exec('SAVEPOINT job');
    try {
      const value = work();
      this.#database.exec('RELEASE job');
      return { value };
    } catch (error) {
      if (!(error instanceof OrdoError)) throw error;
      this.#database.exec('ROLLBACK TO job; RELEASE job');
      return { error };
    }
  }

  /** A rollback that fails itself leaves nothing to be done; the next BEGIN reports what is wrong. */
  #undo(): void {
    try {
      this.#database.rollback();
    } catch {
      // The error that led here is the one to report.
    }
  }
}

function settle(job: Job, outcome: Outcome): void {
  if ('error' in outcome) job.settle.reject(outcome.error);
  else job.settle.resolve(outcome.value);
}

function rejectAll(jobs: readonly Job[], error: unknown): void {
  for (const job of jobs) job.settle.reject(error);
}
