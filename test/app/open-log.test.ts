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

  it('leaves topics that are there as they are when it only creates what is missing', async () => {
    const spec = { ...tinySpec(folder.path), modelName: '' };
    await (await openLog({ ...spec, topics: { partitions: 2, retention: { maxAgeMs: 5000 } } })).close();
    const log = await openLog(
      { ...tinySpec(folder.path), topics: { partitions: 2, retention: {} } },
      { topics: 'create' },
    );
    const topics = await log.topics();
    await log.close();
    const common = topicsOf(spec).map(({ name }) => name);
    for (const { name, retention } of topics)
      assert.equal(retention?.maxAgeMs, common.includes(name) ? 5000 : undefined);
    assert.equal(topics.length, topicsOf(tinySpec(folder.path)).length);
    const wider = { ...tinySpec(folder.path), topics: { partitions: 3, retention: {} } };
    await assert.rejects(openLog(wider, { topics: 'create' }), { code: 'LOG_TOPIC_CONFLICT' });
  });

  it('changes nothing when it leaves topics as they are, and creates no log', async () => {
    const spec = tinySpec(folder.path);
    await assert.rejects(openLog(spec, { topics: 'leave' }), { code: 'LOG_TOPIC_UNKNOWN' });
    await (await openLog({ ...spec, topics: { partitions: 2, retention: { maxAgeMs: 5000 } } })).close();
    const log = await openLog({ ...spec, topics: { partitions: 3, retention: {} } }, { topics: 'leave' });
    assert.ok(
      (await log.topics()).every(({ partitions, retention }) => partitions === 2 && retention?.maxAgeMs === 5000),
    );
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
