import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { topicNames } from '../../src/app/spec.ts';
import { type Status, Watch } from '../../src/console/watch.ts';
import { OrdoError } from '../../src/errors.ts';
import { newRecord } from '../support/records.ts';
import { TINY_NAMES } from '../support/tiny.ts';
import { openTinyLog, type TinyLog } from '../support/tiny-log.ts';
import { CLASSES } from './labels.ts';

describe('Watch', () => {
  let tiny: TinyLog;
  let watch: Watch;
  let nowMs = 0;
  let away: boolean;

  beforeEach(async () => {
    tiny = await openTinyLog();
    away = false;
    const topics = tiny.log.topics.bind(tiny.log);
    tiny.log.topics = async (names) => {
      if (away) throw new OrdoError('LOG_UNAVAILABLE', 'away');
      return topics(names);
    };
    const model = { name: 'tiny', version: '1', digestHex: 'ab', classes: CLASSES };
    watch = new Watch({ ...tiny, model, origin: 'a test', problems: () => [], now: () => nowMs });
  });
  afterEach(async () => {
    await watch.stop();
    await tiny.close();
  });

  /** The first status that passes. */
  async function status(test: (status: Status) => boolean): Promise<Status> {
    for (;;) {
      const { status: told } = watch.snapshot();
      if (told && test(told)) return told;
      await sleep(20);
    }
  }

  const { deadLetters, labels } = topicNames(TINY_NAMES);
  const troubled = ({ problems }: Status) => problems.length > 0;

  it('knows no number of dead letters while the log was never there', async () => {
    away = true;
    watch.start();
    assert.equal((await status(troubled)).deadLetters, null);
  });

  it('keeps the number of dead letters while the log is away', async () => {
    await tiny.log.publish([1, 2].map(() => newRecord('a letter', { topic: deadLetters })));
    watch.start();
    assert.equal((await status(() => true)).deadLetters, 2);
    away = true;
    assert.equal((await status(troubled)).deadLetters, 2);
  });

  it('says which record is no label, and some minutes later no more', async () => {
    await tiny.log.publish([newRecord('no label', { topic: labels, partition: 1 })]);
    watch.start();
    const [problem] = (await status(troubled)).problems;
    assert.equal(problem?.name, `${labels}, partition 1, offset 0`);
    assert.match(problem.message, /^RECORD_INVALID: /);
    nowMs += 600_000;
    await status((told) => !troubled(told));
  });
});
