import { Worker } from 'node:worker_threads';
import { OrdoError } from '../../errors.ts';
import { fromFailure } from './failures.ts';
import { transferables } from './packing.ts';
import type { Argument, Calls, ConsumerEvent, FromWorker } from './protocol.ts';

interface Pending {
  resolve(result: unknown): void;
  reject(error: OrdoError): void;
}

/** Calls to the worker thread, and the events that it sends. */
export class Channel {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<string, (event: ConsumerEvent) => void>();
  #last = 0;
  /** Why no call can be made any more. */
  #ended: OrdoError | undefined;

  constructor() {
    // Compiled sources lie beside a compiled worker.
    const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
    this.#worker = new Worker(new URL(`./worker${extension}`, import.meta.url), {
      name: 'log',
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    this.#worker.on('message', (message: FromWorker) => this.#receive(message));
    this.#worker.on('error', (cause) => this.#end(new OrdoError('INTERNAL', 'the log worker failed', { cause })));
    this.#worker.on('exit', () => this.#end(closed()));
  }

  /** Buffers in `argument.blocks` are moved to the worker. */
  call<K extends keyof Calls>(call: K, argument: Argument<K>): Promise<ReturnType<Calls[K]>> {
    if (this.#ended) return Promise.reject(this.#ended);
    const { promise, resolve, reject } = Promise.withResolvers<ReturnType<Calls[K]>>();
    const id = ++this.#last;
    this.#pending.set(id, { resolve, reject });
    this.#worker.postMessage({ id, call, argument }, transferables(argument));
    return promise;
  }

  /** Sends the consumer's events to the listener, until it is undefined. */
  listen(consumer: string, listener: ((event: ConsumerEvent) => void) | undefined): void {
    if (listener) this.#listeners.set(consumer, listener);
    else this.#listeners.delete(consumer);
  }

  /** Lets the calls under way finish, makes one last call, and ends the thread. */
  async close(): Promise<void> {
    const last = this.call('close', undefined);
    this.#ended ??= closed();
    try {
      await last;
    } finally {
      await this.terminate();
    }
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #receive(message: FromWorker): void {
    if ('consumer' in message) {
      this.#listeners.get(message.consumer)?.(message.event);
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if ('failure' in message) pending?.reject(fromFailure(message.failure));
    else pending?.resolve(message.result);
  }

  #end(reason: OrdoError): void {
    this.#ended ??= reason;
    for (const pending of this.#pending.values()) pending.reject(this.#ended);
    this.#pending.clear();
  }
}

function closed(): OrdoError {
  return new OrdoError('LOG_CLOSED', 'the log was closed');
}
