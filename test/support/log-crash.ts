import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Log, NewRecord } from '../../src/ports/log.ts';

export const PARTITIONS = 4;

export type Role = 'first' | 'publish' | 'copy' | 'obey';

/** Starts a process that uses the log; see log-process.ts. */
export function startLogProcess(role: Role, folder: string, name: string, sessionMs = 2000): ChildProcess {
  return fork(join(import.meta.dirname, 'log-process.ts'), [role, folder, name, `${sessionMs}`], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
}

/** Kills as a power cut would: nothing of the process runs any more. */
export async function killNow(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** A record whose value shows whether it is whole: its text, over and over. */
export function whole(topic: string, partition: number, text: string): NewRecord {
  return { topic, partition, key: Buffer.from(text), headers: { text }, value: Buffer.from(`${text};`.repeat(400)) };
}

/** The texts of a partition's records, after a check that each record is whole and offsets have no gaps. */
export async function intactTexts(log: Log, topic: string, partition: number): Promise<string[]> {
  const found = [];
  for (let offset = 0; ; offset = found.length) {
    const records = await log.read({ topic, partition, offset, maxRecords: 1000, waitMs: 0 });
    if (records.length === 0) return found;
    for (const record of records) {
      const text = record.headers['text'] ?? '';
      assert.equal(record.offset, found.length);
      assert.equal(Buffer.from(record.key).toString(), text);
      assert.equal(Buffer.from(record.value).toString(), `${text};`.repeat(400));
      found.push(text);
    }
  }
}

/** How many records a topic ever had. */
export async function countOf(log: Log, topic: string): Promise<number> {
  const info = (await log.topics()).find(({ name }) => name === topic);
  return (info?.offsets ?? []).reduce((sum, { end }) => sum + end, 0);
}
