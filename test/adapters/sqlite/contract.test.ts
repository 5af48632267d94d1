import { openSqliteLog } from '../../../src/adapters/sqlite/open.ts';
import type { Log } from '../../../src/ports/log.ts';
import { logContract } from '../../contracts/log.ts';
import { temporaryFolder } from '../../support/folders.ts';

logContract('the SQLite log', async (options) => {
  const folder = await temporaryFolder();
  const opened: Log[] = [];
  const reopen = async () => {
    const log = await openSqliteLog({ folder: folder.path, ...options });
    opened.push(log);
    return log;
  };
  const dispose = async () => {
    await Promise.all(opened.map((log) => log.close()));
    await folder.remove();
  };
  return { log: await reopen(), reopen, dispose };
});
