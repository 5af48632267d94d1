import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

interface Failure extends Error {
  killed?: boolean;
  stdout?: string;
  stderr?: string;
}

/** What a command says, on both streams; throws with the begin of it if the command fails or takes longer than this. */
export async function run(command: string, args: readonly string[], timeoutMs: number): Promise<string> {
  try {
    const { stdout, stderr } = await execute(command, args, { timeout: timeoutMs });
    return stdout + stderr;
  } catch (error) {
    const { message, killed, stdout, stderr } = error as Failure;
    if (killed) throw new Error(`${command} took longer than ${timeoutMs} ms`, { cause: error });
    const said = `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').slice(0, 10).join('\n');
    throw new Error(`${command} failed: ${said || message}`, { cause: error });
  }
}
