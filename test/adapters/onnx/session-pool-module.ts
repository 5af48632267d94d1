import { existsSync, rmSync } from 'node:fs';
import { threadId, workerData } from 'node:worker_threads';
import { serve } from '../../../src/adapters/onnx/session-worker.ts';

/** What the thread is to do with a request. */
export interface Order {
  value: number;
  /** While this file is there, the request removes it and ends the thread, or fails. */
  once?: string;
  /** Does so every time. */
  always?: boolean;
  how?: 'exit' | 'throw' | 'fail';
}

if (workerData === 'unready') throw new Error('nothing to load');

serve([], async ({ value, once, always, how }: Order) => {
  if (always || (once && existsSync(once))) {
    if (once) rmSync(once);
    if (how === 'fail') throw new Error('on request');
    if (how === 'throw') setImmediate(() => raise());
    else process.exit(3);
    await new Promise(() => {});
  }
  return { reply: { value, threadId }, transfer: [] };
});

function raise(): never {
  throw new Error('outside of any request');
}
