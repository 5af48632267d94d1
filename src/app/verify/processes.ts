import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type PipelineSpec, STAGES, type StageName } from '../spec.ts';
import type { Processes } from './plan.ts';

const PROGRAM = fileURLToPath(new URL(`./stage-process${extname(import.meta.url)}`, import.meta.url));

/** Before a process that ended by itself is started again. */
const RESTART_MS = 500;

interface Member {
  stage: StageName;
  child: ChildProcess;
  /** A process that is halted or about to end is not chosen for other harm where there is another. */
  idle: boolean;
}

/** The processes of a pipeline, one stage each, which can be hurt. Those that end by themselves are started again. */
export class StageProcesses {
  readonly #spec: string;
  readonly #members = new Set<Member>();
  /** Those that were told to end. */
  readonly #leaving = new Set<ChildProcess>();
  readonly #closing = new AbortController();
  #endings = 0;

  constructor(spec: PipelineSpec, processes: Processes) {
    this.#spec = JSON.stringify(spec);
    for (const stage of STAGES) for (let i = 0; i < processes[stage]; i++) this.add(stage);
  }

  /** How many ended though nobody made them. */
  get endings(): number {
    return this.#endings;
  }

  add(stage: StageName): void {
    const child = fork(PROGRAM, [this.#spec, stage], {
      execArgv: ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning'],
      env: { ...process.env, ORDO_LOG_LEVEL: 'error' },
    });
    const member = { stage, child, idle: false };
    this.#members.add(member);
    child.once('exit', () => void this.#ended(member));
  }

  /** Kills a process as a crash would, and starts another. */
  kill(stage: StageName, pick: number): void {
    const member = this.#choose(stage, pick);
    this.#members.delete(member);
    member.child.kill('SIGKILL');
    this.add(stage);
  }

  /** Halts a process, and lets it go on after so long, or at once when the signal is aborted or the processes are closed. */
  async pause(stage: StageName, pick: number, ms: number, signal: AbortSignal): Promise<void> {
    const member = this.#choose(stage, pick);
    member.child.kill('SIGSTOP');
    member.idle = true;
    await sleep(ms, undefined, { signal: AbortSignal.any([signal, this.#closing.signal]) }).catch(() => {});
    member.child.kill('SIGCONT');
    member.idle = false;
  }

  /** Tells a process to end, which it does in its own time. */
  remove(stage: StageName, pick: number): void {
    const member = this.#choose(stage, pick);
    this.#members.delete(member);
    member.child.kill('SIGTERM');
    this.#leaving.add(member.child);
  }

  /** Kills them all; resolves when they have ended. */
  async close(): Promise<void> {
    this.#closing.abort();
    const children = [...this.#leaving, ...[...this.#members].map(({ child }) => child)];
    const running = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    const ends = running.map((child) => once(child, 'exit'));
    for (const child of running) child.kill('SIGKILL');
    await Promise.all(ends);
  }

  #choose(stage: StageName, pick: number): Member {
    const all = [...this.#members].filter((member) => member.stage === stage);
    const busy = all.filter(({ idle }) => !idle);
    const choice = busy.length > 0 ? busy : all;
    const member = choice[Math.floor(pick * choice.length)];
    if (member) return member;
    this.add(stage);
    return this.#choose(stage, pick);
  }

  async #ended(member: Member): Promise<void> {
    const { signal } = this.#closing;
    if (signal.aborted || !this.#members.delete(member)) return;
    this.#endings += 1;
    await sleep(RESTART_MS);
    if (!signal.aborted) this.add(member.stage);
  }
}
