import assert from 'node:assert/strict';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqliteLog } from '../../../src/adapters/sqlite/open.ts';
import { Place } from '../../../src/adapters/sqlite/place.ts';
import { record, rejectsWith } from '../../contracts/log-harness.ts';
import { temporaryFolder } from '../../support/folders.ts';

describe('Place', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let nowMs = 0;
  const path = () => join(folder.path, 'file');
  beforeEach(async () => {
    folder = await temporaryFolder();
    await writeFile(path(), 'first');
  });
  afterEach(() => folder.remove());

  const later = (place: Place) => () => {
    nowMs += 1000;
    place.require();
  };

  it('takes a file that is written on for the same', async () => {
    const place = new Place(path(), () => nowMs);
    await writeFile(path(), 'more', { flag: 'a' });
    assert.doesNotThrow(later(place));
  });

  it('notices within a second that the file is gone, and goes on saying so', async () => {
    const place = new Place(path(), () => nowMs);
    await rm(path());
    assert.doesNotThrow(() => place.require());
    for (let looks = 0; looks < 2; looks++) assert.throws(later(place), { code: 'LOG_CORRUPT' });
  });

  it('notices that another file lies there', async () => {
    const place = new Place(path(), () => nowMs);
    await writeFile(`${path()}-other`, 'second');
    await rename(`${path()}-other`, path());
    assert.throws(later(place), { code: 'LOG_CORRUPT', message: /deleted or replaced/ });
  });

  it('keeps the log from taking records that nobody will find', async function () {
    if (process.platform === 'win32') this.skip();
    const log = await openSqliteLog({ folder: join(folder.path, 'log') });
    await log.ensureTopics([{ name: 'in', partitions: 1 }]);
    await log.publish([record('in', 0, 'kept')]);
    await rm(join(folder.path, 'log'), { recursive: true });
    const until = performance.now() + 5000;
    const refused = () => rejectsWith('LOG_CORRUPT', log.publish([record('in', 0, 'nobody')]));
    while (
      performance.now() < until &&
      !(await refused().then(
        () => true,
        () => false,
      ))
    );
    await refused();
    await rejectsWith(
      'LOG_CORRUPT',
      log.consume({ group: 'g', topics: ['in'], from: 'earliest' }).then((c) => c.poll({ maxRecords: 1, waitMs: 0 })),
    );
    await log.close().catch(() => {});
  });
});
