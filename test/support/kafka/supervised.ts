import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A command that does not outlive this process, however this process ends. */
export interface Supervised {
  /** How the command ended (exit code, signal or error); undefined while it runs. */
  readonly ended: string | undefined;
  start(): Promise<void>;
  /** Sends a signal; after SIGKILL it resolves when the command has ended. */
  signal(name: NodeJS.Signals): Promise<void>;
  /** Kills the command and removes its folder. */
  close(): Promise<void>;
}

export interface SupervisedCommand {
  /** What is removed when the command is done with. */
  folder: string;
  /** The file that gets what the command says. */
  output: string;
  command: string;
  args: readonly string[];
}

/** Puts a command under a supervisor (`supervisor.ts`), which then starts it when it is told to. */
export function supervise({ folder, output, command, args }: SupervisedCommand): Supervised {
  const program = [join(import.meta.dirname, 'supervisor.ts'), folder, output, command, ...args];
  // Detached, so that an interrupt from the terminal does not end the supervisor before it has cleaned up.
  const options = { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], detached: true } satisfies SpawnOptions;
  const supervisor = spawn(process.execPath, program, options);
  const gone = once(supervisor, 'exit');
  let ended: string | undefined = 'not started';
  supervisor.on('message', (message: string) => {
    if (message.startsWith('ended: ')) ended = message.slice('ended: '.length);
  });
  const tell = (order: 'start' | NodeJS.Signals) => Promise.race([answer(supervisor, order), gone.then(lost)]);
  return {
    get ended() {
      return ended;
    },
    async start() {
      ended = undefined;
      await tell('start');
    },
    signal: tell,
    async close() {
      if (supervisor.connected) supervisor.disconnect();
      await gone;
    },
  };
}

function answer(supervisor: ChildProcess, order: string): Promise<void> {
  return new Promise((resolve) => {
    const hear = (message: string) => {
      if (message !== 'done') return;
      supervisor.off('message', hear);
      resolve();
    };
    supervisor.on('message', hear);
    supervisor.send(order);
  });
}

function lost(): never {
  throw new Error('the supervisor of the broker is gone');
}
