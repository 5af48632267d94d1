import { readdir, readFile } from 'node:fs/promises';

/** A process as /proc/PID/stat of Linux tells of it. */
interface Process {
  pid: number;
  parent: number;
  name: string;
  cpuMs: number;
}

/** Milliseconds of a clock tick: USER_HZ is 100 on every Linux that Node runs on. */
const TICK_MS = 10;

/** Processor time so far of a process and of all below it that live, milliseconds. Linux only. */
export async function cpuOfTree(pid: number): Promise<number> {
  const all = await processes();
  return below(all, pid).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

/** The same of those below it alone. */
export async function cpuOfChildren(pid: number): Promise<number> {
  const all = await processes();
  return below(all, pid).reduce((sum, one) => sum + (one.pid === pid ? 0 : one.cpuMs), 0);
}

/** The Java process below this one: the broker, where it is one of ours. */
export async function brokerPid(): Promise<number | undefined> {
  return below(await processes(), process.pid).find(({ name }) => name === 'java')?.pid;
}

function below(all: readonly Process[], pid: number): Process[] {
  const own = all.filter((one) => one.pid === pid);
  const children = all.filter(({ parent }) => parent === pid);
  return [...own, ...children.flatMap((child) => below(all, child.pid))];
}

async function processes(): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const texts = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return texts.flatMap((text) => parse(text) ?? []);
}

/** proc_pid_stat(5): the name stands in brackets; parent, user and system time are fields 4, 14 and 15. */
function parse(text: string): Process | undefined {
  const [, pid, name = '', rest = ''] = /^(\d+) \((.*)\) (.*)/s.exec(text) ?? [];
  const fields = rest.split(' ').map(Number);
  const [parent = 0, user = 0, system = 0] = [fields[1], fields[11], fields[12]];
  return pid === undefined ? undefined : { pid: Number(pid), parent, name, cpuMs: TICK_MS * (user + system) };
}
