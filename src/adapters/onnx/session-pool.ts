import { OrdoError } from '../../errors.ts';
import { type Job, type Parcel, SessionThread } from './session-thread.ts';

const ATTEMPTS = 3;

/** Jobs with a thread at most: the one it runs and the next, so that it never waits for this thread's event loop. */
const POSTED = 2;

export interface SessionPoolOptions {
  /** The module that the threads run; it calls `serve` of session-worker.ts. */
  module: URL;
  /** The module's workerData. */
  data: unknown;
  threads: number;
}

/**
 * Worker threads that each hold ONNX sessions of their own. Jobs start first come, first served, on the thread with
 * the least to do. A thread that dies is replaced when it is next needed. A job that fails, or whose thread dies while
 * running it, is tried again, elsewhere if it can be, up to three times in all; then it is SCORER_FAILED.
 */
export class SessionPool<Reply> {
  readonly #threads: SessionThread<Reply>[];
  readonly #queue: Job<Reply>[] = [];
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  /** Starts every thread and loads its sessions. Error: MODEL_INVALID where one cannot. */
  static async open<Reply>(options: SessionPoolOptions): Promise<SessionPool<Reply>> {
    const pool = new SessionPool<Reply>(options);
    try {
      await Promise.all(pool.#threads.map((thread) => thread.start()));
      return pool;
    } catch (error) {
      await pool.close();
      throw error;
    }
  }

  private constructor({ module, data, threads }: SessionPoolOptions) {
    const onFree = (failed: readonly Job<Reply>[]) => this.#retry(failed);
    this.#threads = Array.from({ length: threads }, () => new SessionThread<Reply>(module, data, onFree));
  }

  /** What a thread replies; `prepare` is called once an attempt. Errors: SCORER_FAILED, and STOPPED after `close`. */
  run(prepare: () => Parcel): Promise<Reply> {
    if (this.#closed) return Promise.reject(new OrdoError('STOPPED', 'the sessions were closed'));
    const running = new Promise<Reply>((resolve, reject) => {
      this.#queue.push({ prepare, resolve, reject, attempts: 0 });
    });
    this.#track(running);
    this.#dispatch();
    return running;
  }

  /** Finishes what was begun, then ends the threads. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#running);
    await Promise.all(this.#threads.map((thread) => thread.stop()));
  }

  #track(running: Promise<unknown>): void {
    this.#running.add(running);
    const forget = () => this.#running.delete(running);
    running.then(forget, forget);
  }

  #dispatch(): void {
    for (;;) {
      const [job] = this.#queue;
      const thread = job && this.#threadFor(job);
      if (!thread) return;
      this.#queue.shift();
      thread.post(job);
    }
  }

  #threadFor(job: Job<Reply>): SessionThread<Reply> | undefined {
    const cost = (thread: SessionThread<Reply>) => thread.load + (thread === job.failure?.thread ? POSTED : 0);
    return this.#threads.filter(({ load }) => load < POSTED).toSorted((a, b) => cost(a) - cost(b))[0];
  }

  #retry(jobs: readonly Job<Reply>[]): void {
    for (const job of jobs) if (job.attempts >= ATTEMPTS) job.reject(exhausted(job.failure?.cause));
    this.#queue.unshift(...jobs.filter(({ attempts }) => attempts < ATTEMPTS));
    this.#dispatch();
  }
}

function exhausted(cause: Error | undefined): OrdoError {
  return new OrdoError('SCORER_FAILED', `failed ${ATTEMPTS} times, at last: ${cause?.message}`, { cause });
}
