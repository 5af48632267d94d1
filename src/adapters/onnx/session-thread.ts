import { type Transferable, Worker } from 'node:worker_threads';
import { OrdoError } from '../../errors.ts';

/** A request to a thread; what `transfer` lists goes there for good, so each attempt takes a request of its own. */
export interface Parcel {
  body: unknown;
  transfer: readonly Transferable[];
}

/** A job on its way through its attempts. */
export interface Job<Reply> {
  prepare: () => Parcel;
  resolve: (reply: Reply) => void;
  reject: (error: unknown) => void;
  attempts: number;
  /** Why the last attempt failed, and where. */
  failure?: { cause: Error; thread: SessionThread<Reply> };
}

/** What a thread says: that its sessions are loaded, or how the oldest job that it has ended. */
export type ThreadMessage<Reply> =
  | { kind: 'ready' }
  | { kind: 'done'; reply: Reply }
  | { kind: 'failed'; error: Error };

/** Asks a thread to release its sessions and end. */
export const STOP = null;

/** One worker thread of a pool, started when it is needed and again after it died. */
export class SessionThread<Reply> {
  readonly #module: URL;
  readonly #data: unknown;
  readonly #onFree: (failed: readonly Job<Reply>[]) => void;
  #worker: Worker | undefined;
  #posted: Job<Reply>[] = [];

  /** `onFree` is told each time a job ended here, with the jobs that must be tried again. */
  constructor(module: URL, data: unknown, onFree: (failed: readonly Job<Reply>[]) => void) {
    this.#module = module;
    this.#data = data;
    this.#onFree = onFree;
  }

  /** Jobs posted and not yet ended. */
  get load(): number {
    return this.#posted.length;
  }

  /** Resolves once the sessions are loaded; rejects with the error of `openSession` where they cannot be. */
  start(): Promise<void> {
    const worker = this.#running();
    return new Promise((resolve, reject) => {
      worker.once('message', () => resolve());
      worker.once('error', (cause: Error) => reject(unopened(cause)));
      worker.once('exit', () => reject(new OrdoError('MODEL_INVALID', 'the thread ended before it was ready')));
    });
  }

  post(job: Job<Reply>): void {
    const { body, transfer } = job.prepare();
    this.#posted.push(job);
    this.#running().postMessage(body, transfer);
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    await new Promise((resolve) => {
      worker.once('exit', resolve);
      worker.postMessage(STOP, []);
    });
  }

  #running(): Worker {
    this.#worker ??= this.#spawn();
    return this.#worker;
  }

  #spawn(): Worker {
    const worker = new Worker(this.#module, { workerData: this.#data });
    worker.on('message', (message: ThreadMessage<Reply>) => this.#hear(message));
    let cause: Error | undefined;
    worker.on('error', (error: Error) => (cause = error));
    // An error may overtake replies that came before it; the end of the thread comes behind all of them.
    worker.on('exit', (code) => this.#bury(cause ?? new Error(`the thread ended with code ${code}`)));
    return worker;
  }

  #hear(message: ThreadMessage<Reply>): void {
    if (message.kind === 'ready') return;
    const job = this.#posted.shift();
    if (!job) return;
    if (message.kind === 'done') job.resolve(message.reply);
    else this.#fail(job, message.error);
    this.#onFree(message.kind === 'done' ? [] : [job]);
  }

  /** The job that the thread was running failed with it; the one waiting behind it only lost its place. */
  #bury(cause: Error): void {
    this.#worker = undefined;
    const lost = this.#posted;
    this.#posted = [];
    if (lost[0]) this.#fail(lost[0], cause);
    this.#onFree(lost);
  }

  #fail(job: Job<Reply>, cause: Error): void {
    job.attempts += 1;
    job.failure = { cause, thread: this };
  }
}

/** Why a session may not open, but for MODEL_INVALID. */
const OPENING = ['PROVIDER_UNAVAILABLE', 'MODEL_DIGEST_MISMATCH', 'MODEL_NOT_FOUND'] as const;

/** Errors come from a thread without their class. */
function unopened(cause: Error): OrdoError {
  const code = OPENING.find((one) => 'code' in cause && cause.code === one) ?? 'MODEL_INVALID';
  return new OrdoError(code, cause.message, { cause });
}
