import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import type { Consumer, Log, LogRecord, NewRecord, TopicPartition } from '../../src/ports/log.ts';
import { eachLog, join, type LogPart, type LogSubject, type LogTuning, record, until } from './log-harness.ts';

type Operation =
  | { do: 'publish' | 'commit'; topic: number; partition: number; count: number }
  | { do: 'poll'; maxRecords: number }
  | { do: 'reset'; topic: number; partition: number; to: number }
  | { do: 'pause' | 'resume'; topic: number }
  | { do: 'restart' | 'reopen' };

const PARTITIONS = 2;
const small = fc.nat({ max: 1 });
const where = { topic: small, partition: small };
const operations: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('publish' as const), ...where, count: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('commit' as const), ...where, count: fc.nat({ max: 4 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('poll' as const), maxRecords: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reset' as const), ...where, to: fc.nat({ max: 20 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const), topic: small }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('restart' as const, 'reopen' as const) }) },
);

export const logModel: LogPart = (open, tuning) => {
  describe('any sequence of operations', () => {
    const subject = eachLog(open, tuning);
    let run = 0;

    it('does what it does to plain lists', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(operations, { maxLength: 30 }), async (sequence) => {
          const check = await Check.start(subject, tuning, `run${run++}`);
          for (const operation of sequence) await check.apply(operation);
          await check.finish();
        }),
        { numRuns: tuning.modelRuns },
      );
    }).timeout(60_000);
  });
};

/** One partition of the model. */
interface Shelf extends TopicPartition {
  content: string[];
  /** The offset of the next record that a poll must give. */
  position: number;
  committed: number;
}

/** Applies operations to the log and to lists beside it, and compares. One consumer at a time. */
class Check {
  readonly #subject: LogSubject;
  readonly #tuning: LogTuning;
  readonly #name: string;
  readonly #shelves: Shelf[];
  readonly #topics: [string, string];
  readonly #paused = new Set<string>();
  #log: Log;
  #consumer: Consumer;

  static async start(subject: LogSubject, tuning: LogTuning, name: string): Promise<Check> {
    const topics: [string, string] = [`${name}.first`, `${name}.second`];
    await subject.log.ensureTopics(topics.map((topic) => ({ name: topic, partitions: PARTITIONS })));
    const consumer = await join(subject.log, { group: name, topics });
    return new Check({ subject, tuning, name, topics, consumer });
  }

  private constructor(parts: {
    subject: LogSubject;
    tuning: LogTuning;
    name: string;
    topics: [string, string];
    consumer: Consumer;
  }) {
    this.#subject = parts.subject;
    this.#tuning = parts.tuning;
    this.#name = parts.name;
    this.#topics = parts.topics;
    this.#log = parts.subject.log;
    this.#consumer = parts.consumer;
    this.#shelves = parts.topics.flatMap((topic) =>
      [0, 1].map((partition) => ({ topic, partition, content: [], position: 0, committed: 0 })),
    );
  }

  async apply(operation: Operation): Promise<void> {
    if (operation.do === 'publish') await this.#publish(this.#shelf(operation), operation.count);
    else if (operation.do === 'commit') await this.#commit(this.#shelf(operation), operation.count);
    else if (operation.do === 'poll') await this.#poll(operation.maxRecords);
    else if (operation.do === 'reset') await this.#reset(this.#shelf(operation), operation.to);
    else if (operation.do === 'pause' || operation.do === 'resume') this.#setPaused(operation);
    else await this.#restart(operation.do === 'reopen');
  }

  /** Reads on to the end, and compares all that the log tells with the lists. */
  async finish(): Promise<void> {
    for (const topic of [0, 1]) this.#setPaused({ do: 'resume', topic });
    while (this.#ready().length > 0) await this.#poll(1000);
    for (const { topic, partition, content } of this.#shelves) {
      const found = await this.#log.read({ topic, partition, offset: 0, maxRecords: 1000, waitMs: 0 });
      assert.deepEqual(found.map(said), content);
    }
    const committed = new Map(
      (await this.#log.committed(this.#name)).map((one) => [`${one.topic}/${one.partition}`, one.offset]),
    );
    for (const { topic, partition, committed: expected } of this.#shelves) {
      assert.equal(committed.get(`${topic}/${partition}`) ?? 0, expected);
    }
    await this.#consumer.close();
  }

  async #publish(shelf: Shelf, count: number): Promise<void> {
    await this.#log.publish(this.#fresh(shelf, count));
  }

  /** Commits up to where the shelf was read, and publishes beside it. */
  async #commit(shelf: Shelf, count: number): Promise<void> {
    const { topic, partition, position } = shelf;
    await this.#untilAssigned();
    const offsets = [{ topic, partition, offset: position, metadata: '' }];
    await this.#consumer.commit({ publish: this.#fresh(shelf, count), offsets });
    shelf.committed = position;
  }

  async #poll(maxRecords: number): Promise<void> {
    await this.#untilAssigned();
    if (this.#ready().length > 0) await sleep(this.#tuning.noticeMs);
    const waitMs = this.#ready().length > 0 ? this.#tuning.settleMs : 0;
    const found = await this.#consumer.poll({ maxRecords, waitMs });
    assert.ok(found.length <= maxRecords);
    assert.equal(found.length > 0, waitMs > 0);
    for (const one of found) {
      const shelf = this.#shelves.find(({ topic, partition }) => topic === one.topic && partition === one.partition);
      assert.ok(shelf && !this.#paused.has(one.topic));
      assert.equal(one.offset, shelf.position);
      assert.equal(said(one), shelf.content[shelf.position]);
      shelf.position += 1;
    }
    const [first, second] = this.#topics;
    const skipped = found.some(({ topic }) => topic === second) && this.#ready().some(({ topic }) => topic === first);
    assert.ok(!skipped, 'records of the second topic came before those of the first');
  }

  async #reset(shelf: Shelf, to: number): Promise<void> {
    const { topic, partition } = shelf;
    const offset = Math.min(to, shelf.content.length);
    await this.#consumer.close();
    await this.#log.resetOffsets(this.#name, [{ topic, partition, offset, metadata: '' }]);
    shelf.committed = offset;
    await this.#join();
  }

  #setPaused(operation: { do: 'pause' | 'resume'; topic: number }): void {
    const topic = this.#topics[operation.topic] ?? '';
    this.#consumer[operation.do]([topic]);
    if (operation.do === 'pause') this.#paused.add(topic);
    else this.#paused.delete(topic);
  }

  async #restart(reopen: boolean): Promise<void> {
    await this.#consumer.close();
    if (reopen) this.#log = await this.#subject.reopen();
    await this.#join();
  }

  async #join(): Promise<void> {
    this.#consumer = await join(this.#log, { group: this.#name, topics: this.#topics });
    this.#paused.clear();
    for (const shelf of this.#shelves) shelf.position = shelf.committed;
  }

  #untilAssigned(): Promise<void> {
    return until('all assigned', () => this.#consumer.assignment().length === this.#shelves.length, this.#tuning);
  }

  /** The shelves of which a poll must give something. */
  #ready(): Shelf[] {
    return this.#shelves.filter(
      ({ topic, content, position }) => !this.#paused.has(topic) && position < content.length,
    );
  }

  #shelf({ topic, partition }: { topic: number; partition: number }): Shelf {
    return this.#shelves[topic * PARTITIONS + partition] ?? assert.fail();
  }

  #fresh(shelf: Shelf, count: number): NewRecord[] {
    const added = Array.from({ length: count }, (_, i) => `${shelf.content.length + i}`);
    shelf.content.push(...added);
    return added.map((text) => record(shelf.topic, shelf.partition, text));
  }
}

function said({ headers, value }: LogRecord): string {
  assert.equal(headers['text'], Buffer.from(value).toString());
  return headers['text'];
}
