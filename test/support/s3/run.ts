import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Something that the server needs is not on this machine and cannot be fetched. */
export class NoS3 extends Error {}

/** What a command says, on both streams; throws `NoS3` if it is missing, fails, or takes longer than this. */
export async function run(command: string, args: readonly string[], timeoutMs: number): Promise<string> {
  try {
    const { stdout, stderr } = await execute(command, args, { timeout: timeoutMs });
    return stdout + stderr;
  } catch (cause) {
    const said = cause instanceof Error ? cause.message.split('\n').slice(0, 10).join('\n') : String(cause);
    throw new NoS3(`${command} cannot be used: ${said}`, { cause });
  }
}
