import { parentPort } from 'node:worker_threads';
import { OrdoError } from '../../errors.ts';
import { toFailure } from './failures.ts';
import { transferables } from './packing.ts';
import type { FromWorker, ToWorker } from './protocol.ts';
import { LogServer } from './server.ts';

let server: LogServer | undefined;

parentPort?.on('message', (message: ToWorker) => void answer(message));

async function answer(message: ToWorker): Promise<void> {
  try {
    const result = await handle(message);
    post({ id: message.id, result }, transferables(result));
  } catch (error) {
    post({ id: message.id, failure: toFailure(error) });
  }
}

async function handle({ call, argument }: ToWorker): Promise<unknown> {
  if (call === 'open') {
    server = await LogServer.open(argument, (consumer, event) => post({ consumer, event }));
    return undefined;
  }
  if (!server) throw new OrdoError('LOG_CLOSED', 'the log is not open');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the message pairs each call with its own argument
  return server[call](argument as never);
}

function post(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}
