import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { jsonLines, ordo, tinyFolder } from '../support/cli.ts';
import { describeWithKafka } from '../support/kafka/describe.ts';

describe('ordo topics', () => {
  let folder: Awaited<ReturnType<typeof tinyFolder>>;
  beforeEach(async () => {
    folder = await tinyFolder();
  });
  afterEach(() => folder.remove());

  const topics = (command: 'plan' | 'apply', ...args: string[]) => ordo(['topics', command, folder.pipeline, ...args]);
  const edit = async (from: string | RegExp, to: string) =>
    writeFile(folder.pipeline, (await readFile(folder.pipeline, 'utf8')).replace(from, to));

  it('has nothing to do on the embedded log', async () => {
    const { code, stderr } = await topics('plan');
    assert.equal(code, 2);
    assert.match(stderr, /USAGE: the embedded log/);
  });

  describeWithKafka('with a broker', (broker) => {
    beforeEach(async () => {
      const brokers = broker().brokers.map((address) => `"${address}"`);
      await edit(/^log: .*$/m, `log: { type: kafka, brokers: [${brokers.join()}], prefix: "${randomUUID()}." }`);
    });

    it('creates what is missing, once, and then finds nothing to change', async () => {
      const planned = await topics('plan', '--json');
      assert.equal(planned.code, 1);
      const names = jsonLines(planned.stdout).map(({ topic }) => String(topic).replace(/^[^.]*\./, ''));
      assert.deepEqual(names.sort(), [
        'tiny.dead-letters',
        'tiny.dead-letters.resolved',
        'tiny.images',
        'tiny.labels',
        'tiny.tiny-1.evidence',
        'tiny.tiny-1.tasks',
        'tiny.tiny-1.tasks.next',
      ]);
      assert.equal((await topics('apply')).code, 0);
      assert.deepEqual(jsonLines((await topics('apply', '--json')).stdout), [{ changes: 0 }]);
      assert.equal((await topics('plan')).code, 0);
    }).timeout(60_000);

    it('sets retention anew, and adds partitions only when told to', async () => {
      await topics('apply');
      await edit('topics: { partitions: 2, retention: {} }', 'topics: { partitions: 3, retention: { maxAge: 1h } }');
      const applied = await topics('apply', '--json');
      assert.equal(applied.code, 1);
      const [left] = jsonLines(applied.stdout);
      assert.deepEqual([left?.['partitions'], left?.['settings'], left?.['applied']], [{ from: 2, to: 3 }, [], false]);
      assert.equal((await topics('apply', '--grow')).code, 0);
      assert.equal((await topics('plan')).code, 0);
    }).timeout(60_000);

    it('says which stages have too few partitions for the processes that are wanted', async () => {
      await topics('apply');
      const { stdout } = await topics('plan', '--consumers', 'score=5,tokenize=2', '--json');
      assert.deepEqual(jsonLines(stdout), [{ stage: 'score', consumers: 5, partitions: 2 }]);
    }).timeout(60_000);
  });
});
