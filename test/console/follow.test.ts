import assert from 'node:assert/strict';
import { type FollowOptions, followTopic } from '../../src/console/follow.ts';
import { OrdoError } from '../../src/errors.ts';
import type { Log, LogRecord } from '../../src/ports/log.ts';
import { logRecord, textOf } from '../support/records.ts';

/** As much of a log as following needs: one topic of texts, by partition, the first offset of each given. */
class TextLog implements Pick<Log, 'topics' | 'read'> {
  readonly partitions: { start: number; texts: string[] }[];
  failures = 0;
  waiting: (() => void)[] = [];

  constructor(...partitions: { start: number; texts: string[] }[]) {
    this.partitions = partitions;
  }

  async topics() {
    const offsets = this.partitions.map(({ start, texts }) => ({ start, end: start + texts.length }));
    return [{ name: 't', partitions: offsets.length, offsets }];
  }

  async read({ partition, offset, maxRecords }: Parameters<Log['read']>[0]): Promise<LogRecord[]> {
    if (this.failures > 0) {
      this.failures--;
      throw new OrdoError('LOG_UNAVAILABLE', 'away');
    }
    const { start, texts } = this.partitions[partition] ?? { start: 0, texts: [] };
    const found = texts.slice(offset - start, offset - start + maxRecords);
    if (found.length === 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
    return found.map((text, i) => logRecord({ partition, offset: offset + i, value: Buffer.from(text) }));
  }

  append(partition: number, ...texts: string[]): void {
    this.partitions[partition]?.texts.push(...texts);
    for (const wake of this.waiting.splice(0)) wake();
  }
}

describe('followTopic', () => {
  /** Follows until `wanted` records came; gives their texts, and what troubles were told. */
  async function follow(log: TextLog, wanted: number, options: Partial<FollowOptions> = {}) {
    const stop = new AbortController();
    const texts: string[] = [];
    const troubles: (string | undefined)[] = [];
    const followed: unknown = log;
    await followTopic({
      log: followed as Log,
      topic: 't',
      tail: 100,
      batch: 10,
      signal: stop.signal,
      onTrouble: (trouble) => troubles.push(trouble?.code),
      ...options,
      onRecords: (records) => {
        texts.push(...records.map(textOf));
        options.onRecords?.(records);
        if (texts.length < wanted) return;
        stop.abort();
        log.append(0);
      },
    });
    return { texts, troubles };
  }

  it('begins so many records before the end, and goes on with new ones', async () => {
    const log = new TextLog({ start: 0, texts: ['a', 'b', 'c'] });
    const onRecords = (records: readonly LogRecord[]) => {
      if (records.some((record) => textOf(record) === 'c')) queueMicrotask(() => log.append(0, 'd'));
    };
    assert.deepEqual((await follow(log, 3, { tail: 2, onRecords })).texts, ['b', 'c', 'd']);
  });

  it('begins where the log does if retention took the rest', async () => {
    const log = new TextLog({ start: 70, texts: ['a', 'b'] });
    assert.deepEqual((await follow(log, 2)).texts, ['a', 'b']);
  });

  it('reads all partitions', async () => {
    const log = new TextLog({ start: 0, texts: ['a'] }, { start: 5, texts: ['b'] });
    assert.deepEqual((await follow(log, 2)).texts.toSorted(), ['a', 'b']);
  });

  it('skips to the newest when it falls behind', async () => {
    const log = new TextLog({ start: 0, texts: ['a', 'b'] });
    let behind = false;
    const onRecords = () => {
      if (!behind) log.append(0, ...Array.from({ length: 50 }, (_, i) => String(i)));
      behind = true;
    };
    const { texts } = await follow(log, 5, { tail: 3, batch: 2, onRecords });
    assert.deepEqual(texts.slice(0, 4), ['a', 'b', '47', '48']);
  });

  it('waits while the log is away, tells so, and tells when it is back', async () => {
    const log = new TextLog({ start: 0, texts: ['a'] });
    log.failures = 1;
    const { texts, troubles } = await follow(log, 1);
    assert.deepEqual(texts, ['a']);
    assert.deepEqual(troubles, ['LOG_UNAVAILABLE', undefined]);
  });
});
