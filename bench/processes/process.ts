import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { PipelineSpec, StageName } from '../../src/app/spec.ts';
import type { Device } from './simulated.ts';

export interface MemberOptions {
  /** Scores on a simulated device; the stage is then `score` alone. */
  simulated?: Device;
}

/** What a process has done and used since it was started. */
export interface Sample {
  /** When, milliseconds since 1970. */
  atMs: number;
  rows: number;
  /** Images that reached their outcome here. */
  images: number;
  /** Processor time of all threads, without child processes. */
  cpuMs: number;
  mainThreadMs: number;
  residentBytes: number;
  heapBytes: number;
  /** Resources that keep the event loop alive. */
  handles: number;
}

/** A process that runs stages of a pipeline. */
export interface Member {
  readonly stages: readonly StageName[];
  readonly pid: number;
  sample(): Promise<Sample>;
  /** Drains the stages and ends the process (SIGTERM). */
  stop(): Promise<void>;
  /** Ends the process at once (SIGKILL). */
  kill(): Promise<void>;
}

export interface StartOptions extends MemberOptions {
  /** For Node. */
  flags?: readonly string[];
}

/** Starts a process of a pipeline's stages; resolves when it runs them. Throws if the process ends before. */
export async function startMember(
  spec: PipelineSpec,
  stages: readonly StageName[],
  { flags = [], ...options }: StartOptions = {},
): Promise<Member> {
  const args = [JSON.stringify(spec), JSON.stringify(options), ...stages];
  const child = fork(join(import.meta.dirname, 'member.ts'), args, {
    execArgv: ['--disable-warning=ExperimentalWarning', ...flags],
    env: { ...process.env, ORDO_LOG_LEVEL: 'error', MALLOC_ARENA_MAX: '2' }, // as in the image
  });
  const gone = once(child, 'exit');
  await answer(child, gone);
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await gone;
  };
  return {
    stages,
    pid: child.pid ?? 0,
    sample: async () => {
      child.send('sample');
      return (await answer(child, gone)) as Sample;
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

async function answer(child: ChildProcess, gone: Promise<unknown[]>): Promise<unknown> {
  const ended = gone.then(([code, signal]) => {
    throw new Error(`a process of the benchmark ended (${String(code ?? signal)})`);
  });
  const [message] = await Promise.race([once(child, 'message'), ended]);
  return message;
}
