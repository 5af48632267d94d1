import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { OrdoError } from '../../errors.ts';
import { decoderEnvironment } from './decoder-environment.ts';
import { type DecoderReply, type DecoderSetup, isDecoderReply } from './decoder-messages.ts';

/** How an image fared: an answer, or the end of the process by itself or for taking too long. */
export type DecoderOutcome = DecoderReply | { kind: 'died' } | { kind: 'late' };

/** One decoder process. It takes one image at a time; after `died` or `late` it is gone. */
export interface Decoder {
  decode(bytes: Uint8Array, timeoutMs: number): Promise<DecoderOutcome>;
  /** Whether the process is known to have ended. */
  isGone(): boolean;
  /** Ends the process and resolves when it is gone. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 2_000;

/** A timeout is waited for in this many steps. */
const TIMEOUT_STEPS = 10;

/**
 * Starts a decoder process from `script` and resolves when it is ready.
 * Errors: MODEL_INVALID, DECODER_UNAVAILABLE.
 */
export async function startDecoder(script: URL, setup: DecoderSetup): Promise<Decoder> {
  const child = fork(script, [JSON.stringify(setup)], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [],
    env: decoderEnvironment(),
  });
  // Its death is seen as its exit; without a listener an error would end this process too.
  child.on('error', () => {});
  const outcome = await settle(child, START_TIMEOUT_MS);
  if (outcome.kind === 'ready') return decoderOf(child);
  await stop(child);
  if (outcome.kind === 'failure') throw new OrdoError(outcome.code, outcome.message);
  throw new OrdoError('DECODER_UNAVAILABLE', `a decoder process did not start: ${outcome.kind}`);
}

function decoderOf(child: ChildProcess): Decoder {
  return {
    decode(bytes, timeoutMs) {
      const outcome = settle(child, timeoutMs);
      // Failing to send is seen as the process's death.
      child.send(bytes, () => {});
      return outcome;
    },
    isGone: () => isGone(child),
    stop: () => stop(child),
  };
}

/** The next thing the process says, or how it ended. A process that is late, or says what makes no sense, is killed. */
async function settle(child: ChildProcess, timeoutMs: number): Promise<DecoderOutcome> {
  if (isGone(child)) return { kind: 'died' };
  const controller = new AbortController();
  const { signal } = controller;
  const outcome = await Promise.race([answer(child, signal), exit(child, signal), lateness(timeoutMs, signal)]);
  controller.abort();
  if (outcome.kind === 'late' || outcome.kind === 'died') await kill(child);
  return outcome;
}

async function answer(child: ChildProcess, signal: AbortSignal): Promise<DecoderOutcome> {
  const [message]: unknown[] = await once(child, 'message', { signal });
  return isDecoderReply(message) ? message : { kind: 'died' };
}

async function exit(child: ChildProcess, signal: AbortSignal): Promise<DecoderOutcome> {
  await once(child, 'exit', { signal });
  return { kind: 'died' };
}

/** Step by step, so that time during which this process itself stood still does not count against the image. */
async function lateness(timeoutMs: number, signal: AbortSignal): Promise<DecoderOutcome> {
  for (let step = 0; step < TIMEOUT_STEPS; step++) await sleep(timeoutMs / TIMEOUT_STEPS, undefined, { signal });
  return { kind: 'late' };
}

async function stop(child: ChildProcess): Promise<void> {
  if (isGone(child)) return;
  if (child.connected) child.disconnect();
  const signal = AbortSignal.timeout(STOP_TIMEOUT_MS);
  await once(child, 'exit', { signal }).catch(() => kill(child));
}

async function kill(child: ChildProcess): Promise<void> {
  if (isGone(child)) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

function isGone(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}
