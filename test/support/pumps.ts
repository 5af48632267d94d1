import { setTimeout as sleep } from 'node:timers/promises';
import { openSqliteLog } from '../../src/adapters/sqlite/open.ts';
import { Mutex } from '../../src/concurrency/mutex.ts';
import type { Handler } from '../../src/ports/handler.ts';
import type { Log, LogRecord } from '../../src/ports/log.ts';
import { Pump, type PumpOptions } from '../../src/runtime/pump.ts';
import { temporaryFolder } from './folders.ts';
import { newRecord, textOf } from './records.ts';
import { silent } from './silent.ts';

type Handle = (record: LogRecord) => Promise<string[]>;

const output = (topic: string, { partition }: LogRecord, text: string) => newRecord(text, { topic, partition });

/** '0', '1' and so on. */
export const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index));

/** Pumps on an embedded log of the topics `first`, `second`, `out` and `dead`, each of two partitions. */
export interface PumpBench {
  readonly log: Log;
  /** Stopped by `close`. */
  readonly pumps: Pump[];
  /** Copies `second`, then `first`, to `out` as `handle` says, and what fails to `dead`. */
  handler(handle: Handle): Handler;
  /** Starts a pump of eight records in hand; its log may be a faulty one, and its other options others. */
  start(handle: Handle, on?: Log, options?: Partial<PumpOptions>): Pump;
  publish(topic: string, texts: string[], partition?: number): Promise<void>;
  /** The texts of a partition once it holds so many. */
  read(topic: string, count: number, partition?: number): Promise<string[]>;
  close(): Promise<void>;
}

export async function openPumpBench(): Promise<PumpBench> {
  const folder = await temporaryFolder();
  const log = await openSqliteLog({ folder: folder.path, sessionTimeoutMs: 1000 });
  await log.ensureTopics(['first', 'second', 'out', 'dead'].map((name) => ({ name, partitions: 2 })));
  const pumps: Pump[] = [];
  const handler = (handle: Handle): Handler => ({
    name: 'copy',
    inputs: ['second', 'first'],
    handle: async (record) => (await handle(record)).map((text) => output('out', record, text)),
    giveUp: (record, error, kept = record) => [output('dead', record, `${error.code} ${textOf(kept)}`)],
  });
  return {
    log,
    pumps,
    handler,
    start(handle, on = log, options = {}) {
      const limits = { maxInFlight: 8, sessionTimeoutMs: 1000, drainMs: 1000, alone: new Mutex() };
      const pump = new Pump({ log: on, group: 'g', handler: handler(handle), ...silent, ...limits, ...options });
      pumps.push(pump);
      return pump;
    },
    publish: (topic, texts, partition = 0) => log.publish(texts.map((text) => newRecord(text, { topic, partition }))),
    read: (topic, count, partition = 0) => readUntil(log, { topic, partition }, count),
    async close() {
      await Promise.allSettled(pumps.map((pump) => pump.stop()));
      await log.close();
      await folder.remove();
    },
  };
}

async function readUntil(log: Log, place: { topic: string; partition: number }, count: number): Promise<string[]> {
  for (let tries = 0; tries < 400; tries++) {
    const records = await log.read({ ...place, offset: 0, maxRecords: 1000, waitMs: 50 });
    if (records.length >= count) return records.map(textOf);
    await sleep(20);
  }
  throw new Error(`${place.topic} never held ${count} records`);
}
