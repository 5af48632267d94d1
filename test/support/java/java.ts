import { join } from 'node:path';
import { run } from './run.ts';

const MINIMUM = 17;

/** The path of a program of the Java installation: that of JAVA_HOME, or the one on the PATH. */
export function javaProgram(name: 'java' | 'keytool'): string {
  const home = process.env['JAVA_HOME'];
  return home ? join(home, 'bin', name) : name;
}

/** The command that starts Java for a program of that name; throws if there is none, or one that is too old. */
export async function findJava(program: string): Promise<string> {
  const command = javaProgram('java');
  const said = await run(command, ['-version'], 20_000).catch((cause: Error) => {
    throw new Error(`${command} cannot be used: ${cause.message}`, { cause });
  });
  const version = Number(/version "(\d+)/.exec(said)?.[1] ?? 0);
  if (version < MINIMUM) throw new Error(`${program} needs Java ${MINIMUM}, ${command} is Java ${version}`);
  return command;
}
