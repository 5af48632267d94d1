import assert from 'node:assert/strict';
import { openSqliteLog } from '../../src/adapters/sqlite/open.ts';
import { readTopic } from '../../src/cli/topic-reader.ts';
import type { Log, LogRecord } from '../../src/ports/log.ts';
import { temporaryFolder } from '../support/folders.ts';

describe('readTopic', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let log: Log;
  beforeEach(async () => {
    folder = await temporaryFolder();
    log = await openSqliteLog({ folder: folder.path });
    await log.ensureTopics([{ name: 't', partitions: 3 }]);
  });
  afterEach(async () => {
    await log.close();
    await folder.remove();
  });

  const publish = (partition: number, ...values: number[]) =>
    log.publish(
      values.map((value) => ({
        topic: 't',
        partition,
        key: new Uint8Array(),
        headers: {},
        value: Uint8Array.of(value),
      })),
    );
  const valueOf = (record: LogRecord) => record.value[0];

  it('gives what is there, by time across partitions and in order within them', async () => {
    await publish(2, 1, 2);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await publish(0, 3);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await publish(2, 4);
    const records = await Array.fromAsync(readTopic(log, 't', { from: 'earliest' }));
    assert.deepEqual(records.map(valueOf), [1, 2, 3, 4]);
  });

  it('leaves out what comes while it reads, unless it follows', async () => {
    await publish(0, 1);
    const reader = readTopic(log, 't', { from: 'earliest' });
    assert.equal(valueOf((await reader.next()).value as LogRecord), 1);
    await publish(0, 2);
    assert.equal((await reader.next()).done, true);
  });

  it('gives many batches of records once each', async () => {
    for (let i = 0; i < 13; i++) await publish(1, ...Array(100).fill(i));
    const records = await Array.fromAsync(readTopic(log, 't', { from: 'earliest' }));
    assert.deepEqual(
      records.map(({ offset }) => offset),
      Array.from({ length: 1300 }, (_, offset) => offset),
    );
  });

  it('follows every partition past its end until it is told to stop', async () => {
    await publish(0, 1);
    const stop = new AbortController();
    const seen: unknown[] = [];
    for await (const record of readTopic(log, 't', { from: 'earliest', follow: stop.signal })) {
      seen.push(valueOf(record));
      if (seen.length === 3) stop.abort();
      else await publish(seen.length, seen.length + 1);
    }
    assert.deepEqual(seen, [1, 2, 3]);
  });

  it('leaves out what was there when it starts at the end', async () => {
    await publish(0, 1);
    assert.deepEqual(await Array.fromAsync(readTopic(log, 't', { from: 'latest', follow: AbortSignal.abort() })), []);
  });

  it('refuses a topic that is not there', async () => {
    await assert.rejects(readTopic(log, 'none', { from: 'earliest' }).next(), {
      code: 'LOG_TOPIC_UNKNOWN',
      message: /^there is no topic none: /,
    });
  });

  it('refuses to follow a topic that is not there', async () => {
    const follow = new AbortController().signal;
    await assert.rejects(readTopic(log, 'none', { from: 'latest', follow }).next(), { code: 'LOG_TOPIC_UNKNOWN' });
  });
});
