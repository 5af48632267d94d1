import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { OrdoError } from '../../errors.ts';
import type { Log } from '../../ports/log.ts';
import { Channel } from './channel.ts';
import { MAX_RECORD_BYTES } from './limits.ts';
import { LOG_FILE } from './log-file.ts';
import { SqliteLog } from './log.ts';

export interface SqliteLogOptions {
  /** Where the database lies, on a local disk; created if need be, for this account alone. */
  folder: string;
  /** For consumers that name none; default 3000. */
  sessionTimeoutMs?: number;
  /** Most bytes of a record's key, headers and value together; default 8 MiB. Beyond: RECORD_TOO_LARGE. */
  maxRecordBytes?: number;
  /** How often each process looks for records to delete; default 5000. */
  retentionIntervalMs?: number;
  /** Most bytes of the database file; beyond: LOG_FULL. Absent: as much as the disk has. */
  maxFileBytes?: number;
}

/** Whether the embedded log has ever been opened in this folder. */
export function hasSqliteLog(folder: string): boolean {
  return existsSync(join(folder, LOG_FILE));
}

/**
 * Opens the embedded log: one SQLite database in the folder, shared by any number of processes of one machine. Its
 * connection lives in a worker thread, as SQLite's calls block.
 *
 * `onRevoked` is also called, after the fact, for partitions that were lost because the session expired (the process
 * was stopped, say); it is not called by `close`. A poll under way when `pause` is called may still bring records.
 *
 * Errors: LOG_UNAVAILABLE, LOG_FULL, LOG_CORRUPT.
 */
export async function openSqliteLog(options: SqliteLogOptions): Promise<Log> {
  const { folder, sessionTimeoutMs = 3000, maxRecordBytes = MAX_RECORD_BYTES, retentionIntervalMs = 5000 } = options;
  const limit = options.maxFileBytes === undefined ? {} : { maxFileBytes: options.maxFileBytes };
  const channel = new Channel();
  try {
    await channel.call('open', { folder: resolve(folder), sessionTimeoutMs, retentionIntervalMs, ...limit });
  } catch (error) {
    await channel.terminate();
    if (!(error instanceof OrdoError)) throw error;
    throw new OrdoError(error.code, `the log in ${folder}: ${error.message}`, { cause: error });
  }
  return new SqliteLog(channel, maxRecordBytes);
}
