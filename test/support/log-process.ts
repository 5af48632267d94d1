import { setTimeout as sleep } from 'node:timers/promises';
import { openSqliteLog } from '../../src/adapters/sqlite/open.ts';
import { asOrdoError } from '../../src/errors.ts';
import type { Consumer, LogRecord } from '../../src/ports/log.ts';
import { offsetsAfter } from '../contracts/log-harness.ts';
import { PARTITIONS, whole } from './log-crash.ts';

/**
 * A process that uses a log till it is killed: `log-process.ts ROLE FOLDER NAME SESSION_MS`.
 * first: opens the log, which may not be there yet, and publishes its name.
 * publish: publishes records and sends the text of each once it was acknowledged.
 * copy: moves records from `in` to `out`, each commit with the records it publishes; goes on after errors that pass.
 * obey: polls and commits when it is told to, and answers how many records it has or which error it got.
 */
const [role = '', folder = '', name = '', sessionMs = ''] = process.argv.slice(2);

async function runFirst(): Promise<void> {
  const log = await openSqliteLog({ folder });
  await log.ensureTopics([{ name: 'in', partitions: PARTITIONS }]);
  await log.publish([whole('in', 0, name)]);
  await log.close();
  process.disconnect();
}

async function runPublisher(): Promise<void> {
  const log = await openSqliteLog({ folder });
  for (let at = 0; ; at += 3) {
    const batch = [at, at + 1, at + 2].map((i) => whole('in', i % PARTITIONS, `${name}:${i}`));
    await log.publish(batch);
    process.send?.(batch.map(({ headers }) => headers['text']));
  }
}

async function consumer(): Promise<Consumer> {
  const options = { group: 'copy', topics: ['in'], from: 'earliest' } as const;
  const log = await openSqliteLog({ folder, sessionTimeoutMs: Number(sessionMs) });
  return log.consume(options);
}

async function runCopier(): Promise<void> {
  const source = await persist(consumer);
  while (source) {
    const found = await persist(() => source.poll({ maxRecords: 7, waitMs: 100 }));
    if (found) await persist(() => move(source, found));
  }
}

async function runObeyer(): Promise<void> {
  const source = await consumer();
  let inHand: LogRecord[] = [];
  process.on('message', (message) => void answer(message));
  process.send?.('ready');
  async function answer(message: unknown): Promise<void> {
    if (message === 'poll') inHand = await source.poll({ maxRecords: 10, waitMs: 1000 });
    const failure = message === 'commit' ? await move(source, inHand).then(() => '', codeOf) : '';
    process.send?.(failure || inHand.length);
  }
}

function move(source: Consumer, found: readonly LogRecord[]): Promise<void> {
  const publish = found.map((record) => ({ ...record, topic: 'out', headers: { ...record.headers, by: name } }));
  return source.commit({ publish, offsets: offsetsAfter(found) });
}

const codeOf = (error: unknown): string => asOrdoError(error).code;

/** What the call gives, tried again after errors that pass; undefined if the partition went to another. */
async function persist<T>(call: () => Promise<T>): Promise<T | undefined> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const { code, retriable } = asOrdoError(error);
      if (code === 'LOG_FENCED') return undefined;
      if (!retriable) throw error;
      await sleep(20);
    }
  }
}

process.on('disconnect', () => process.exit(0));
const roles: Readonly<Record<string, () => Promise<void>>> = {
  first: runFirst,
  publish: runPublisher,
  copy: runCopier,
  obey: runObeyer,
};
await roles[role]?.();
