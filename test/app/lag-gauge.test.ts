import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { prometheusTelemetry } from '../../src/adapters/telemetry/prometheus.ts';
import { LagGauge, type LagGaugeOptions } from '../../src/app/lag-gauge.ts';
import { type StageName, topicNames } from '../../src/app/spec.ts';
import { OrdoError } from '../../src/errors.ts';
import type { TopicInfo } from '../../src/ports/log.ts';
import { TINY_NAMES } from '../support/tiny.ts';

const { images, tasks, tasksNext } = topicNames(TINY_NAMES);

/** A topic with so many records that wait, by partition. */
const topic = (name: string, ...waiting: number[]): TopicInfo => ({
  name,
  partitions: waiting.length,
  offsets: waiting.map((count) => ({ start: 5, end: 5 + count })),
});

/** A log that answers when the test says. */
class Answering {
  readonly #asked: PromiseWithResolvers<TopicInfo[]>[] = [];

  topics(): Promise<TopicInfo[]> {
    const asked = Promise.withResolvers<TopicInfo[]>();
    this.#asked.push(asked);
    return asked.promise;
  }

  async committed() {
    return [];
  }

  get questions(): number {
    return this.#asked.length;
  }

  /** To the latest question. */
  answer(...topics: TopicInfo[]): void {
    this.#asked.at(-1)?.resolve(topics);
  }

  fail(): void {
    this.#asked.at(-1)?.reject(new OrdoError('LOG_UNAVAILABLE', 'why'));
  }
}

describe('LagGauge', () => {
  let log: Answering;
  let telemetry: LagGaugeOptions['telemetry'];
  let scrape: () => Promise<string>;
  beforeEach(() => {
    log = new Answering();
    ({ telemetry, scrape } = prometheusTelemetry());
  });

  const gauge = (stages: StageName[], mostMs = 10_000) => new LagGauge(TINY_NAMES, { log, stages, telemetry, mostMs });
  const shown = async () =>
    (await scrape()).split('\n').filter((line) => line.startsWith('ordo_consumer_lag_records{'));

  it('shows how many records of each topic a stage has yet to read', async () => {
    const measured = gauge(['score']).measure();
    log.answer(topic(tasks, 3, 4), topic(tasksNext, 0));
    await measured;
    assert.deepEqual(await shown(), [
      `ordo_consumer_lag_records{stage="score",topic="${tasks}"} 7`,
      `ordo_consumer_lag_records{stage="score",topic="${tasksNext}"} 0`,
    ]);
  });

  it('shows nothing while the log fails, and the lag again once it says', async () => {
    const lag = gauge(['tokenize']);
    for (const waiting of [7, undefined, 9]) {
      const measured = lag.measure();
      if (waiting === undefined) log.fail();
      else log.answer(topic(images, waiting));
      await measured;
      const expected =
        waiting === undefined ? [] : [`ordo_consumer_lag_records{stage="tokenize",topic="${images}"} ${waiting}`];
      assert.deepEqual(await shown(), expected);
    }
  });

  it('shows nothing of any stage where the log fails for one', async () => {
    const lag = gauge(['tokenize', 'aggregate']);
    telemetry.set('ordo_consumer_lag_records', { stage: 'tokenize', topic: images }, 7);
    const measured = lag.measure();
    log.fail();
    await measured;
    assert.deepEqual(await shown(), []);
  });

  it('does not wait for a log that is silent, whatever becomes of that measurement', async () => {
    const lag = gauge(['tokenize'], 5);
    telemetry.set('ordo_consumer_lag_records', { stage: 'tokenize', topic: images }, 7);
    await lag.measure();
    assert.deepEqual(await shown(), []);
    log.fail();
    await turn();
    assert.deepEqual(await shown(), []);
  });

  it('measures once for all who ask meanwhile', async () => {
    const lag = gauge(['tokenize']);
    const both = [lag.measure(), lag.measure()];
    assert.equal(log.questions, 1);
    log.answer(topic(images, 7));
    await Promise.all(both);
    assert.equal((await shown()).length, 1);
    const next = lag.measure();
    assert.equal(log.questions, 2);
    log.answer(topic(images, 8));
    await next;
    assert.match((await shown())[0] ?? '', / 8$/);
  });

  it('gives a measurement that was late for one to those who ask while it is under way', async () => {
    const lag = gauge(['tokenize'], 5);
    await lag.measure();
    const measured = lag.measure();
    log.answer(topic(images, 7));
    await measured;
    assert.equal(log.questions, 1);
    assert.match((await shown())[0] ?? '', / 7$/);
  });
});
