import assert from 'node:assert/strict';
import { openSqliteLog } from '../../../src/adapters/sqlite/open.ts';
import { duplicate } from '../../../src/app/verify/duplicate.ts';
import { readTopic } from '../../../src/app/verify/outcomes.ts';
import type { Log } from '../../../src/ports/log.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { newRecord, textOf } from '../../support/records.ts';

describe('duplicate', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let log: Log;

  beforeEach(async () => {
    folder = await temporaryFolder();
    log = await openSqliteLog({ folder: folder.path });
    await log.ensureTopics([{ name: 't', partitions: 3 }]);
  });
  afterEach(async () => {
    await log.close();
    await folder.remove();
  });

  const texts = async () => (await readTopic(log, 't')).map((record) => `${record.partition}${textOf(record)}`);

  it('publishes records again on their partition, with key, headers and value', async () => {
    await log.publish(['a', 'b', 'c'].map((text) => newRecord(text, { topic: 't', partition: 1, headers: { text } })));
    assert.equal(await duplicate(log, 't', 0.5, 2), 2);
    const records = await readTopic(log, 't');
    assert.deepEqual(records.map(textOf), ['a', 'b', 'c', 'b', 'c']);
    const [first, again] = [records[1], records[3]];
    assert.deepEqual([again?.key, again?.headers, again?.partition], [first?.key, first?.headers, 1]);
  });

  it('can choose any record of the topic', async () => {
    await log.publish([0, 0, 2].map((partition, index) => newRecord(`${index}`, { topic: 't', partition })));
    for (const pick of [0, 0.34, 0.99]) assert.equal(await duplicate(log, 't', pick, 1), 1);
    assert.deepEqual((await texts()).sort(), ['00', '00', '01', '01', '22', '22'].sort());
  });

  it('does nothing to an empty topic', async () => {
    assert.equal(await duplicate(log, 't', 0.5, 5), 0);
    assert.deepEqual(await texts(), []);
  });
});
