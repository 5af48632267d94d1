import assert from 'node:assert/strict';
import { join } from 'node:path';
import { openSqliteLog } from '../../src/adapters/sqlite/open.ts';
import { topicNames } from '../../src/app/spec.ts';
import { jsonLines, ordo, tinyFolder } from '../support/cli.ts';
import { TINY_NAMES } from '../support/tiny.ts';

const { images, tasks, tasksNext, evidence } = topicNames(TINY_NAMES);

describe('a pipeline of which not all topics are there', () => {
  let folder: Awaited<ReturnType<typeof tinyFolder>>;
  beforeEach(async () => {
    folder = await tinyFolder();
    const log = await openSqliteLog({ folder: join(folder.path, 'log') });
    await log.ensureTopics([images, tasks, tasksNext].map((name) => ({ name, partitions: 2 })));
    await log.close();
  });
  afterEach(() => folder.remove());

  const reset = (stage: string, ...args: string[]) =>
    ordo(['reset', folder.pipeline, '--stage', stage, '--to', 'latest', ...args]);

  for (const args of [[], ['--json']]) {
    it(`has no lag of 0: ordo lag ends with 69 and names the topic${args.map((arg) => `, with ${arg}`).join()}`, async () => {
      const { code, stdout, stderr } = await ordo(['lag', folder.pipeline, ...args]);
      assert.deepEqual([code, stdout], [69, '']);
      assert.match(stderr, new RegExp(`LOG_TOPIC_UNKNOWN.*there is no topic ${evidence}: ordo up and ordo produce`));
    });
  }

  it('is reset where the topics of the stage are there', async () => {
    const { code, stdout, stderr } = await reset('score', '--json');
    assert.equal(code, 0, stderr);
    const moved = jsonLines(stdout).map(({ topic, partition }) => `${String(topic)} ${String(partition)}`);
    assert.deepEqual(moved.sort(), [`${tasks} 0`, `${tasks} 1`, `${tasksNext} 0`, `${tasksNext} 1`]);
  });

  for (const args of [[], ['--partition', '0'], ['--topic', evidence]]) {
    it(`is not reset where one of the stage is not${args.length > 0 ? `, with ${args.join(' ')}` : ''}`, async () => {
      const { code, stdout, stderr } = await reset('aggregate', ...args);
      assert.deepEqual([code, stdout], [69, '']);
      assert.match(stderr, new RegExp(`^ordo: LOG_TOPIC_UNKNOWN: there is no topic ${evidence}: `));
    });
  }

  it('is told of a partition that is not there', async () => {
    const { code, stderr } = await reset('score', '--partition', '7');
    assert.equal(code, 2);
    assert.match(stderr, /^ordo: USAGE: there is no partition 7\n/);
  });
}).timeout(20_000);
