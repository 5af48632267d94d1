import { existsSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { asLogError, isBusy } from '../../adapters/sqlite/failures.ts';
import { OrdoError } from '../../errors.ts';

/** What holds for all images of a file. */
export interface EvidenceHeader {
  /** SHA-256 of the model's manifest, lower-case hex. */
  model: string;
  /** Fingerprint of the numeric profile that scored. */
  profile: string;
  /** Orders read of each image, from the first on. */
  orders: number;
  classes: number;
  /** SHA-256 of the proposer's graph, lower-case hex; null where the model has none. */
  proposer: string | null;
  /** Tokens of an image, all of which are read. */
  positions: number;
}

/** An image scored in full. */
export interface RecordedImage {
  /** As the table of labels names it. */
  path: string;
  classId: number;
  track: string;
  /** Nats, [orders, classes, positions] row-major: an entry a token of the order. */
  perToken: Float32Array;
  /** The proposer's log-posterior of each class in units of 2^-12 nat; empty where there is none. */
  proposal: Int32Array;
}

const KEYS = ['model', 'profile', 'proposer', 'orders', 'classes', 'positions'] as const;

/** "OrdE": tells a file of evidence from any other database. */
const APPLICATION_ID = 0x4f726445;
const SCHEMA = `
  CREATE TABLE header (value TEXT NOT NULL) STRICT;
  CREATE TABLE images (path TEXT PRIMARY KEY, class_id INTEGER NOT NULL, track TEXT NOT NULL,
    per_token BLOB NOT NULL, proposal BLOB NOT NULL) STRICT;`;

/** How long another process is waited for that reads or writes the file: it does so an image at a time. */
const LOCK_WAIT_MS = 30_000;

/** Recorded evidence in one SQLite file, an image a row. Each image that was added is on disk. */
export class EvidenceFile {
  readonly header: EvidenceHeader;
  readonly #path: string;
  readonly #database: DatabaseSync;

  private constructor(path: string, database: DatabaseSync, header: EvidenceHeader) {
    this.#path = path;
    this.#database = database;
    this.header = header;
  }

  /**
   * Opens a file to read. `waitMs`: how long what is done with it waits for other processes.
   * Errors: INPUT_NOT_FOUND, also where another process does not let go of it; EVIDENCE_INVALID.
   */
  static open(path: string, waitMs = LOCK_WAIT_MS): EvidenceFile {
    if (!existsSync(path)) throw new OrdoError('INPUT_NOT_FOUND', `${path} is not there`);
    return guarded(path, () => {
      const database = new DatabaseSync(path, { timeout: waitMs });
      return new EvidenceFile(path, database, headerOf(database));
    });
  }

  /**
   * Opens a file to add to, and creates it where there is none, or one that is empty: a disk may have been full then.
   * Errors: EVIDENCE_INVALID, also where it holds other evidence; OUTPUT_UNWRITABLE; INPUT_NOT_FOUND as in `open`.
   */
  static extend(path: string, header: EvidenceHeader, waitMs = LOCK_WAIT_MS): EvidenceFile {
    if (!existsSync(path) || statSync(path).size === 0) guarded(path, () => create(path, header, waitMs));
    const file = EvidenceFile.open(path, waitMs);
    const other = KEYS.find((key) => file.header[key] !== header[key]);
    if (!other) return file;
    file.close();
    throw invalid(path, `it holds evidence of another ${other}: ${file.header[other]}, not ${header[other]}`);
  }

  /** Errors: EVIDENCE_INVALID, INPUT_NOT_FOUND. */
  has(path: string): boolean {
    const select = 'SELECT 1 FROM images WHERE path = ?';
    return guarded(this.#path, () => this.#database.prepare(select).get(path) !== undefined);
  }

  /** Adds an image that is not there yet. Errors: OUTPUT_UNWRITABLE, EVIDENCE_INVALID. */
  add({ path, classId, track, perToken, proposal }: RecordedImage): void {
    writing(this.#path, () => {
      const insert = this.#database.prepare('INSERT INTO images VALUES (?, ?, ?, ?, ?)');
      insert.run(path, classId, track, bytesOf(perToken), bytesOf(proposal));
    });
  }

  /** The images by path, read one at a time. Errors: EVIDENCE_INVALID, INPUT_NOT_FOUND. */
  *images(): Generator<RecordedImage, void, undefined> {
    try {
      yield* this.#rows();
    } catch (cause) {
      throw unreadable(this.#path, cause);
    }
  }

  close(): void {
    this.#database.close();
  }

  *#rows(): Generator<RecordedImage, void, undefined> {
    const { orders, classes, positions, proposer } = this.header;
    const [numbers, scores] = [orders * classes * positions, proposer === null ? 0 : classes];
    for (const row of this.#database.prepare('SELECT * FROM images ORDER BY path').iterate()) {
      const { path, class_id: classId, track } = row;
      const [evidence, proposal] = [buffer(row['per_token'], numbers), buffer(row['proposal'], scores)];
      if (!evidence || !proposal) throw invalid(this.#path, `image ${String(path)} is not complete`);
      const read = { perToken: new Float32Array(evidence), proposal: new Int32Array(proposal) };
      yield { path: String(path), classId: Number(classId), track: String(track), ...read };
    }
  }
}

function bytesOf({ buffer: bytes, byteOffset, byteLength }: Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(bytes, byteOffset, byteLength);
}

/** The bytes of so many numbers of 32 bits, aligned; undefined if they are not as many. */
function buffer(bytes: unknown, numbers: number): ArrayBuffer | undefined {
  return bytes instanceof Uint8Array && bytes.byteLength === 4 * numbers ? bytes.slice().buffer : undefined;
}

function create(path: string, header: EvidenceHeader, waitMs: number): void {
  writing(path, () => {
    const database = new DatabaseSync(path, { timeout: waitMs });
    try {
      database.exec(`BEGIN IMMEDIATE; PRAGMA application_id = ${APPLICATION_ID}; ${SCHEMA}`);
      database.prepare('INSERT INTO header VALUES (?)').run(JSON.stringify(header));
      database.exec('COMMIT');
    } finally {
      database.close();
    }
  });
}

/**
 * Writes, and says so where it is the disk that does not take it (full, read-only, or no place for the file), or another
 * process that does not let go of it.
 */
function writing(path: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    const { code, message } = asLogError(cause);
    if (code === 'LOG_CORRUPT') throw invalid(path, message);
    if (code !== 'LOG_FULL' && code !== 'LOG_UNAVAILABLE') throw cause;
    const why = isBusy(cause) ? 'another process reads or writes it' : message;
    throw new OrdoError('OUTPUT_UNWRITABLE', `${path} cannot be written: ${why}`, { cause });
  }
}

function headerOf(database: DatabaseSync): EvidenceHeader {
  const id = database.prepare('PRAGMA application_id').get()?.['application_id'];
  if (id !== APPLICATION_ID) throw new Error('it holds something else');
  const header: EvidenceHeader = JSON.parse(String(database.prepare('SELECT value FROM header').get()?.['value']));
  return header;
}

function guarded<R>(path: string, work: () => R): R {
  try {
    return work();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** What keeps a file from being read, as an error of its own: another process, or what it holds. */
function unreadable(path: string, cause: unknown): OrdoError {
  if (cause instanceof OrdoError) return cause;
  if (isBusy(cause)) {
    return new OrdoError('INPUT_NOT_FOUND', `${path} cannot be read: another process writes it`, { cause });
  }
  return invalid(path, cause instanceof Error ? cause.message : String(cause));
}

function invalid(path: string, why: string): OrdoError {
  return new OrdoError('EVIDENCE_INVALID', `${path} is no evidence to use: ${why}`);
}
