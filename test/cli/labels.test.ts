import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { openSqliteLog } from '../../src/adapters/sqlite/open.ts';
import { loadPipeline } from '../../src/app/load-pipeline.ts';
import { openLog } from '../../src/app/open-log.ts';
import { topicNames } from '../../src/app/spec.ts';
import { ImageRefSchema, LabelSchema } from '../../src/records/gen/ordo/v1/records_pb.js';
import { encodeLabel } from '../../src/stages/codec.ts';
import { ended, jsonLines, startOrdo, tinyFolder } from '../support/cli.ts';
import { newRecord } from '../support/records.ts';
import { TINY_NAMES } from '../support/tiny.ts';

describe('ordo labels', () => {
  let folder: Awaited<ReturnType<typeof tinyFolder>>;
  let labels: ChildProcess;
  beforeEach(async () => {
    folder = await tinyFolder();
  });
  afterEach(async () => {
    labels.kill('SIGKILL');
    await folder.remove();
  });

  for (const args of [[], ['--follow']]) {
    it(`ends with 69 where the log has no topic of labels${args.map((arg) => `, with ${arg}`).join()}`, async () => {
      await (await openSqliteLog({ folder: join(folder.path, 'log') })).close();
      labels = startOrdo(['labels', folder.pipeline, ...args]);
      const { code, stdout, stderr } = await ended(labels);
      assert.deepEqual([code, stdout], [69, '']);
      assert.match(
        stderr,
        /^ordo: LOG_TOPIC_UNKNOWN: there is no topic tiny\.labels: ordo up and ordo produce create it/,
      );
    });
  }

  it('tells on stderr of a record that it cannot read, gives the others, and ends with 1', async () => {
    const log = await openLog(await loadPipeline(folder.pipeline));
    const image = create(ImageRefSchema, { source: 'urn:test', id: '7' });
    const label = create(LabelSchema, { image, outcome: { case: 'expired', value: { maxAgeMs: 5n } } });
    const topic = topicNames(TINY_NAMES).labels;
    await log.publish([newRecord('nothing', { topic }), { topic, partition: 0, ...encodeLabel(label) }]);
    await log.close();
    labels = startOrdo(['labels', folder.pipeline, '--json']);
    const { code, stdout, stderr } = await ended(labels);
    assert.equal(code, 1);
    assert.deepEqual(
      jsonLines(stdout).map(({ id }) => id),
      ['7'],
    );
    assert.match(stderr, /^partition 0, offset 0: RECORD_INVALID: expected a record of type ordo\.label\.v1/);
  });
}).timeout(20_000);
