import { existsSync, type MakeDirectoryOptions, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { OrdoError } from '../../errors.ts';
import { isBusy } from './failures.ts';
import { LOG_FILE } from './log-file.ts';
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from './schema.ts';

/** How long SQLite itself waits for a lock; longer waits are ours, so that the worker stays responsive. */
const LOCK_WAIT_MS = 5;

/** How long work waits for other processes' locks before it fails as LOG_UNAVAILABLE. */
const BUSY_LIMIT_MS = 10_000;

/** The WAL file is cut back to this when it has grown beyond it. */
const WAL_LIMIT_BYTES = 64 * 1024 * 1024;
const CACHE_KIB = 16 * 1024;

/** One connection, with its prepared statements. */
export class Database {
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(connection: DatabaseSync) {
    this.#connection = connection;
  }

  /** Runs a statement; how many rows it changed. */
  run(text: string, values: SQLInputValue[] = []): number {
    return Number(this.#prepared(text).run(...values).changes);
  }

  /** All rows of a query. `Row` is what its columns are named and hold. */
  all<Row>(text: string, values: SQLInputValue[] = []): Row[] {
    return [...this.iterate<Row>(text, values)];
  }

  /** The rows one by one, each read when it is asked for. */
  iterate<Row>(text: string, values: SQLInputValue[] = []): Iterable<Row> {
    const rows: Iterable<unknown> = this.#prepared(text).iterate(...values);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only the author of the query knows its columns
    return rows as Iterable<Row>;
  }

  exec(text: string): void {
    this.#connection.exec(text);
  }

  /** A pragma's value, or a query's one number. */
  number(text: string): number {
    const row = this.#prepared(text).get() ?? {};
    return Number(Object.values(row)[0] ?? 0);
  }

  get inTransaction(): boolean {
    return this.#connection.isTransaction;
  }

  /** Undoes an open transaction; a failed statement may have undone it already. */
  rollback(): void {
    if (this.inTransaction) this.exec('ROLLBACK');
  }

  close(): void {
    this.#connection.close();
  }

  #prepared(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known) return known;
    const statement = this.#connection.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }
}

/** Opens the log's database in the folder and creates what is missing; several processes may do so at once. */
export async function openDatabase(options: { folder: string; maxFileBytes?: number }): Promise<Database> {
  makeOwnFolder(options.folder);
  const connection = new DatabaseSync(join(options.folder, LOG_FILE), { timeout: LOCK_WAIT_MS });
  try {
    const database = new Database(connection);
    // Before anything is set: the mode of the journal stays with the file.
    await whileBusy(() => isNew(database));
    await whileBusy(() => configure(database));
    await whileBusy(() => migrate(database));
    if (options.maxFileBytes !== undefined) limitFile(database, options.maxFileBytes);
    return database;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/**
 * Makes the folder if need be, for this account alone: records are nobody else's. One that is there stays as it is. Its
 * parent is made if that is missing as well, and only then: Windows refuses to make the root of a drive, which is there.
 */
export function makeOwnFolder(
  folder: string,
  make: (path: string, options: MakeDirectoryOptions) => unknown = mkdirSync,
): void {
  const parent = dirname(folder);
  if (!existsSync(folder) && !existsSync(parent)) make(parent, { recursive: true });
  make(folder, { recursive: true, mode: 0o700 });
}

/** Runs the work again while another connection holds the lock, up to BUSY_LIMIT_MS. */
export async function whileBusy<T>(work: () => T): Promise<T> {
  const deadline = performance.now() + BUSY_LIMIT_MS;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
    }
    await sleep(1 + Math.random() * 2);
  }
}

/**
 * On a Mac, `fullfsync` is what reaches the medium; elsewhere it does nothing.
 * auto_vacuum holds only if set before the file has its first page, which journal_mode writes. Set again it writes to
 * the file, so that a log on a full disk could not be opened.
 */
function configure(database: Database): void {
  if (database.number('PRAGMA page_count') === 0) database.exec('PRAGMA auto_vacuum = INCREMENTAL');
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA journal_size_limit = ${WAL_LIMIT_BYTES};
    PRAGMA cache_size = -${CACHE_KIB};
    PRAGMA foreign_keys = ON;
  `);
}

function migrate(database: Database): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    if (isNew(database)) create(database);
    database.exec('COMMIT');
  } finally {
    database.rollback();
  }
}

/** Whether there is nothing yet. Errors: LOG_CORRUPT for another program's database, LOG_UNAVAILABLE for another schema. */
function isNew(database: Database): boolean {
  const version = database.number('PRAGMA user_version');
  if (version !== 0) checkOwn(database, version);
  else if (database.number('SELECT count(*) FROM sqlite_schema') > 0) throw foreign();
  return version === 0;
}

function create(database: Database): void {
  database.exec(`${SCHEMA} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION};`);
}

function checkOwn(database: Database, version: number): void {
  if (database.number('PRAGMA application_id') !== APPLICATION_ID) throw foreign();
  if (version === SCHEMA_VERSION) return;
  throw new OrdoError('LOG_UNAVAILABLE', `the log has schema ${version}, this version of Ordo reads ${SCHEMA_VERSION}`);
}

function foreign(): OrdoError {
  return new OrdoError('LOG_CORRUPT', `${LOG_FILE} is not an Ordo log`);
}

function limitFile(database: Database, maxFileBytes: number): void {
  const pages = Math.floor(maxFileBytes / database.number('PRAGMA page_size'));
  database.exec(`PRAGMA max_page_count = ${Math.max(1, pages)}`);
}
