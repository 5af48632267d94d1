import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** What a command says, on both streams; throws with the end of it if the command fails or takes longer than this. */
export async function run(command: string, args: readonly string[], timeoutMs: number): Promise<string> {
  try {
    const { stdout, stderr } = await execute(command, args, { timeout: timeoutMs, maxBuffer: 2 ** 26 });
    return stdout + stderr;
  } catch (error) {
    const {
      message,
      killed,
      stdout = '',
      stderr = '',
    } = error as Error & Partial<Record<'stdout' | 'stderr', string>> & { killed?: boolean };
    if (killed) throw new Error(`${command} took longer than ${timeoutMs} ms`, { cause: error });
    const said = `${stdout}${stderr}`.trim().split('\n').slice(-10).join('\n');
    throw new Error(`${command} failed: ${said || message}`, { cause: error });
  }
}
