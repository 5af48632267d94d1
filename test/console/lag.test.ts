import assert from 'node:assert/strict';
import { groupName, topicNames } from '../../src/app/spec.ts';
import { stageLags } from '../../src/console/lag.ts';
import type { Log } from '../../src/ports/log.ts';
import { newRecord } from '../support/records.ts';
import { TINY_NAMES } from '../support/tiny.ts';
import { openTinyLog, type TinyLog } from '../support/tiny-log.ts';

describe('stageLags', () => {
  let tiny: TinyLog;
  let log: Log;

  beforeEach(async () => {
    tiny = await openTinyLog();
    log = tiny.log;
  });
  afterEach(() => tiny.close());

  const lags = async () => {
    const stages = await stageLags(log, TINY_NAMES);
    return Object.fromEntries(stages.map(({ stage, records }) => [stage, records]));
  };

  it('counts every record where nothing was committed', async () => {
    const { images, tasks, tasksNext, evidence, labels } = topicNames(TINY_NAMES);
    for (const topic of [images, images, tasks, tasksNext, evidence, labels]) {
      await log.publish([newRecord('x', { topic, partition: 1 })]);
    }
    assert.deepEqual(await lags(), { tokenize: 2, score: 2, aggregate: 1 });
  });

  it('counts from what the group committed', async () => {
    const { images } = topicNames(TINY_NAMES);
    await log.publish([0, 0, 0, 1].map((partition) => newRecord('x', { topic: images, partition })));
    await log.resetOffsets(groupName(TINY_NAMES, 'tokenize'), [
      { topic: images, partition: 0, offset: 2, metadata: '' },
    ]);
    assert.deepEqual(await lags(), { tokenize: 2, score: 0, aggregate: 0 });
  });
});
