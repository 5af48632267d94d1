import { parentPort, type Transferable } from 'node:worker_threads';
import type { InferenceSession } from 'onnxruntime-node';
import { STOP, type ThreadMessage } from './session-thread.ts';

/** A worker's answer to a request; what `transfer` lists is moved, not copied. */
export interface Answer {
  reply: unknown;
  transfer: readonly Transferable[];
}

/**
 * The worker's side of a pool: says that its sessions are loaded, then answers requests one after the other, in the
 * order they came. A request whose handler rejects is answered with the error, or, with `endOnError`, ends the thread: a
 * session on a device that was lost is good for nothing more, and the pool starts another.
 */
export function serve(
  sessions: readonly InferenceSession[],
  handle: (body: any) => Promise<Answer>,
  { endOnError = false } = {},
): void {
  let last = Promise.resolve();
  parentPort?.on('message', (body: unknown) => {
    last = last.then(() => (body === STOP ? stop(sessions) : answer(() => handle(body), endOnError)));
  });
  say({ kind: 'ready' });
}

async function answer(handle: () => Promise<Answer>, endOnError: boolean): Promise<void> {
  try {
    const { reply, transfer } = await handle();
    say({ kind: 'done', reply }, transfer);
  } catch (error) {
    if (endOnError) throw error;
    say({ kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) });
  }
}

async function stop(sessions: readonly InferenceSession[]): Promise<void> {
  for (const session of sessions) await session.release();
  parentPort?.close();
}

function say(message: ThreadMessage<unknown>, transfer: readonly Transferable[] = []): void {
  parentPort?.postMessage(message, transfer);
}
