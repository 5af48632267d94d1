import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BlobHorizon, OldestLetters } from '../../src/app/blob-horizon.ts';
import { topicNames } from '../../src/app/spec.ts';
import { OrdoError } from '../../src/errors.ts';
import type { Log, LogRecord } from '../../src/ports/log.ts';
import { encodeDeadLetter } from '../../src/stages/codec.ts';
import { logRecord } from '../support/records.ts';

const NAMES = { name: 'p', modelName: 'm-1' };
const { images, deadLetters } = topicNames(NAMES);
const { signal } = new AbortController();
const HOUR_MS = 3_600_000;
const HELD = fc.nat(10 * HOUR_MS);
const hourOf = (ms: number) => HOUR_MS * Math.floor(ms / HOUR_MS);

interface Partition {
  start: number;
  records: LogRecord[];
  /** Offsets after the records that the log has taken for itself. */
  markers: number;
}

/** A log in memory, of what the horizon looks at. */
class Kept implements Pick<Log, 'topics' | 'read'> {
  readonly #partitions = new Map<string, Partition[]>(
    [images, deadLetters].map((topic) => [topic, [this.#empty(), this.#empty()]]),
  );
  /** Records handed out of the topic of dead letters. */
  lettersRead = 0;
  /** Reads of that topic, and what happens before each. */
  reads = 0;
  beforeRead = () => {};

  #empty(): Partition {
    return { start: 0, records: [], markers: 0 };
  }

  at(topic: string, partition: number): Partition {
    return this.#partitions.get(topic)?.[partition] ?? assert.fail(`no ${topic}`);
  }

  add(topic: string, partition: number, fields: Partial<LogRecord>): void {
    const { records } = this.at(topic, partition);
    records.push(logRecord({ topic, partition, offset: records.length, ...fields }));
  }

  /** A dead letter of a record that the log took at `heldMs`. */
  bury(partition: number, heldMs: number, timestampMs = heldMs + 1000): void {
    const record = logRecord({ topic: images, timestampMs: heldMs });
    const letter = encodeDeadLetter(record, 'tokenize', new OrdoError('BLOB_UNAVAILABLE', 'why'));
    this.add(deadLetters, partition, { ...letter, timestampMs });
  }

  async topics(names?: readonly string[]) {
    const listed = [...this.#partitions].filter(([name]) => names?.includes(name) ?? true);
    return listed.map(([name, partitions]) => ({
      name,
      partitions: partitions.length,
      offsets: partitions.map(({ start, records, markers }) => ({ start, end: records.length + markers })),
    }));
  }

  async read({ topic, partition, offset, maxRecords }: Parameters<Log['read']>[0]) {
    if (topic === deadLetters) {
      this.reads += 1;
      this.beforeRead();
    }
    const { start, records } = this.at(topic, partition);
    const from = Math.max(start, offset);
    const found = records.slice(from, from + maxRecords);
    if (topic === deadLetters) this.lettersRead += found.length;
    return found;
  }
}

describe('BlobHorizon', () => {
  let log: Kept;
  let horizon: BlobHorizon;
  beforeEach(() => {
    log = new Kept();
    horizon = new BlobHorizon(log, NAMES);
  });

  it('is nowhere where the log holds nothing', async () => {
    assert.equal(await horizon.oldestMs(signal), Infinity);
  });

  it('is at the oldest image that is kept', async () => {
    for (const [partition, timestampMs] of [
      [0, 500],
      [0, 900],
      [1, 700],
    ] as const) {
      log.add(images, partition, { timestampMs });
    }
    assert.equal(await horizon.oldestMs(signal), 500);
    log.at(images, 0).start = 1;
    assert.equal(await horizon.oldestMs(signal), 700);
  });

  it('is at the oldest image in a dead letter, however late that was written, as long as the letter is kept', async () => {
    log.add(images, 0, { timestampMs: 9 * HOUR_MS });
    log.bury(1, 8 * HOUR_MS);
    log.bury(1, 3 * HOUR_MS, 1000 * HOUR_MS);
    log.bury(1, 6 * HOUR_MS);
    assert.equal(await horizon.oldestMs(signal), 3 * HOUR_MS);
    log.at(deadLetters, 1).start = 2;
    assert.equal(await horizon.oldestMs(signal), 6 * HOUR_MS);
    log.at(deadLetters, 1).start = 3;
    assert.equal(await horizon.oldestMs(signal), 9 * HOUR_MS);
  });

  it('takes a dead letter that names no time by its own', async () => {
    log.add(deadLetters, 0, { timestampMs: 4 * HOUR_MS, headers: {} });
    assert.equal(await horizon.oldestMs(signal), 4 * HOUR_MS);
  });

  it('reads each dead letter once', async () => {
    for (let at = 0; at < 100; at++) log.bury(at % 2, (1000 - at) * HOUR_MS);
    assert.equal(await horizon.oldestMs(signal), 901 * HOUR_MS);
    log.bury(0, 500 * HOUR_MS);
    assert.equal(await horizon.oldestMs(signal), 500 * HOUR_MS);
    assert.equal(log.lettersRead, 101);
  });

  it('takes no image that the log does not give for one that is gone', async () => {
    log.at(images, 0).markers = 1;
    await assert.rejects(horizon.oldestMs(signal), { code: 'LOG_UNAVAILABLE' });
  });

  it('takes no dead letter that the log does not give for one that is gone', async () => {
    log.bury(0, 4 * HOUR_MS);
    log.at(deadLetters, 0).markers = 1;
    await assert.rejects(horizon.oldestMs(signal), { code: 'LOG_UNAVAILABLE' });
    log.at(deadLetters, 0).markers = 0;
    log.bury(0, 3 * HOUR_MS);
    assert.equal(await horizon.oldestMs(signal), 3 * HOUR_MS);
  });

  it('does not look for dead letters that are deleted while it reads', async () => {
    for (let at = 0; at < 3; at++) log.bury(0, (4 + at) * HOUR_MS);
    log.bury(1, 5 * HOUR_MS);
    log.beforeRead = () => (log.at(deadLetters, 0).start = 3);
    assert.equal(await horizon.oldestMs(signal), 5 * HOUR_MS);
  });

  it('reads many dead letters at a time', async () => {
    for (let at = 0; at < 2000; at++) log.bury(0, (1 + at) * HOUR_MS);
    assert.equal(await horizon.oldestMs(signal), HOUR_MS);
    assert.ok(log.reads <= 5, `${log.reads} reads`);
  });

  it('is where a search through all letters finds it, at the start of that hour, whatever comes and goes', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(HELD, fc.constant('delete')), { maxLength: 60 }), async (steps) => {
        const kept = new Kept();
        const found = new BlobHorizon(kept, NAMES);
        const partition = kept.at(deadLetters, 0);
        const held: number[] = [];
        for (const step of steps) {
          if (typeof step === 'number') kept.bury(0, held[held.push(step) - 1] ?? 0);
          else if (partition.start < held.length) partition.start += 1;
          if (held.length % 3 === 0)
            assert.equal(await found.oldestMs(signal), hourOf(Math.min(Infinity, ...held.slice(partition.start))));
        }
      }),
    ));
});

describe('OldestLetters', () => {
  it('remembers few of many letters that come soon after one another, and how old the oldest is to the hour', () => {
    const letters = new OldestLetters();
    const startMs = 5.5 * HOUR_MS;
    for (let offset = 0; offset < 100_000; offset++) letters.add({ offset, heldMs: startMs + offset });
    assert.ok(letters.size <= 2, `${letters.size} letters`);
    const leastMs = letters.leastMs(0);
    assert.ok(leastMs <= startMs && leastMs > startMs - HOUR_MS, `${leastMs} of ${startMs}`);
  });
});
