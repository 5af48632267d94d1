import assert from 'node:assert/strict';
import { openLog } from '../../src/app/open-log.ts';
import { topicNames } from '../../src/app/spec.ts';
import { countOf } from '../../src/app/verify/outcomes.ts';
import { readPipeline } from '../../src/cli/pipeline.ts';
import { OrdoError } from '../../src/errors.ts';
import type { NewRecord } from '../../src/ports/log.ts';
import { encodeDeadLetter } from '../../src/stages/codec.ts';
import { jsonLines, ordo, tinyFolder } from '../support/cli.ts';
import { logRecord, newRecord } from '../support/records.ts';
import { TINY_NAMES } from '../support/tiny.ts';

const topics = topicNames(TINY_NAMES);

/** Letters of one partition: of an old model's topic, of an image, none at all, of an image. */
describe('ordo dlq, where some dead letters cannot be read or replayed', () => {
  let folder: Awaited<ReturnType<typeof tinyFolder>>;
  beforeEach(async () => {
    folder = await tinyFolder();
    const log = await openLog(await readPipeline(folder.pipeline));
    const topic = topics.deadLetters;
    await log.publish([letterOf('tiny.old-1.tasks'), letterOf(topics.images)]);
    await log.publish([newRecord('no letter', { topic }), letterOf(topics.images)]);
    await log.close();
  });
  afterEach(() => folder.remove());

  function letterOf(topic: string): NewRecord {
    const why = new OrdoError('IMAGE_CORRUPT', 'why');
    return { topic: topics.deadLetters, partition: 0, ...encodeDeadLetter(logRecord({ topic }), 'tokenize', why) };
  }

  const dlq = (command: string, ...args: string[]) => ordo(['dlq', command, folder.pipeline, ...args]);

  /** The ids of a command's JSON lines, an id that failed with its code. */
  async function json(command: string, ...args: string[]) {
    const { code, stdout } = await dlq(command, '--json', ...args);
    const lines = jsonLines(stdout).map(({ id, error }) =>
      error ? `${String(id)} ${Reflect.get(error, 'code')}` : id,
    );
    return { code, lines };
  }

  async function replayed(): Promise<number> {
    const log = await openLog(await readPipeline(folder.pipeline));
    try {
      return await countOf(log, topics.images);
    } finally {
      await log.close();
    }
  }

  it('lists and shows the others, and ends with 1', async () => {
    assert.deepEqual(await json('list'), { code: 1, lines: ['0:0', '0:1', '0:2 RECORD_INVALID', '0:3'] });
    const { code, stdout, stderr } = await dlq('list');
    assert.equal(code, 1);
    assert.deepEqual(stdout.match(/^0:./gm), ['0:0', '0:1', '0:3']);
    assert.match(stderr, /^0:2: RECORD_INVALID: expected a record of type .*\n3 dead letters\n$/);
    assert.deepEqual(await json('show', '0:3'), { code: 0, lines: ['0:3'] });
    assert.deepEqual(await json('show', '0:2', '0:3'), { code: 1, lines: ['0:2 RECORD_INVALID', '0:3'] });
  });

  it('replays the others, and ends with 1', async () => {
    const lines = ['0:0 RECORD_INVALID', '0:1', '0:2 RECORD_INVALID', '0:3'];
    assert.deepEqual(await json('replay', '--all', '--dry-run'), { code: 1, lines });
    assert.equal(await replayed(), 0);
    assert.deepEqual(await json('replay', '--all'), { code: 1, lines });
    assert.equal(await replayed(), 2);
    const { code, stdout, stderr } = await dlq('replay', '--all');
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(
      stderr,
      /^0:0: RECORD_INVALID: its record comes from tiny\.old-1\.tasks, .*\n0:2: RECORD_INVALID: .*\n$/,
    );
  });

  it('drops the others, and what cannot be read only by its id', async () => {
    assert.deepEqual(await json('drop', '--all'), { code: 1, lines: ['0:0', '0:1', '0:2 RECORD_INVALID', '0:3'] });
    const { code, stdout } = await dlq('drop', '0:2');
    assert.deepEqual([code, stdout], [0, 'dropped: 0:2, which cannot be read\n']);
    assert.deepEqual(await json('list'), { code: 0, lines: [] });
  });
}).timeout(60_000);
