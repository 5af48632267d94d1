import assert from 'node:assert/strict';
import { openLog, topicsOf } from '../../src/app/open-log.ts';
import { temporaryFolder } from '../support/folders.ts';
import { tinySpec } from '../support/tiny.ts';

describe('openLog', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  it('creates the topics of the pipeline', async () => {
    const spec = tinySpec(folder.path);
    const log = await openLog(spec);
    const topics = await log.topics();
    assert.deepEqual(
      topics.map(({ name }) => name).sort(),
      topicsOf(spec)
        .map(({ name }) => name)
        .sort(),
    );
    assert.ok(topics.every(({ partitions }) => partitions === 2));
    await log.close();
  });

  it('updates the retention of topics that are there', async () => {
    const spec = tinySpec(folder.path);
    await (await openLog(spec)).close();
    const log = await openLog({ ...spec, topics: { partitions: 2, retention: { maxAgeMs: 5000 } } });
    assert.ok((await log.topics()).every(({ retention }) => retention?.maxAgeMs === 5000));
    await log.close();
  });

  it('refuses a log with another number of partitions', async () => {
    const spec = tinySpec(folder.path);
    await (await openLog(spec)).close();
    await assert.rejects(openLog({ ...spec, topics: { partitions: 3, retention: {} } }), {
      code: 'LOG_TOPIC_CONFLICT',
    });
  });
});
