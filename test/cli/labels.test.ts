import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { openSqliteLog } from '../../src/adapters/sqlite/open.ts';
import { ended, startOrdo, tinyFolder } from '../support/cli.ts';

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
}).timeout(20_000);
