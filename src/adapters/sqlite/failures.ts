import { type ErrorCode, OrdoError } from '../../errors.ts';

/** An error as it crosses the thread boundary. */
export interface Failure {
  code: ErrorCode;
  message: string;
  detail: string;
}

/** SQLite's primary result codes (https://www.sqlite.org/rescode.html), the low byte of an extended one. */
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_IOERR_SHMSIZE = 4874;

const BY_RESULT: Readonly<Record<number, ErrorCode>> = {
  3: 'LOG_UNAVAILABLE', // PERM
  [SQLITE_BUSY]: 'LOG_UNAVAILABLE',
  [SQLITE_LOCKED]: 'LOG_UNAVAILABLE',
  8: 'LOG_UNAVAILABLE', // READONLY
  10: 'LOG_UNAVAILABLE', // IOERR
  11: 'LOG_CORRUPT', // CORRUPT
  13: 'LOG_FULL', // FULL
  14: 'LOG_UNAVAILABLE', // CANTOPEN
  15: 'LOG_UNAVAILABLE', // PROTOCOL
  26: 'LOG_CORRUPT', // NOTADB
};

const BY_ERRNO: Readonly<Record<string, ErrorCode>> = { ENOSPC: 'LOG_FULL', EDQUOT: 'LOG_FULL' };

/** Whether another connection holds the lock, so that the same statement may succeed in a moment. */
export function isBusy(error: unknown): boolean {
  const result = resultCode(error) & 0xff;
  return result === SQLITE_BUSY || result === SQLITE_LOCKED;
}

/** The error with the code it has at the port: what SQLite or the file system reported, translated. */
export function asLogError(error: unknown): OrdoError {
  if (error instanceof OrdoError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new OrdoError(codeOf(error), message, { cause: error });
}

export function toFailure(error: unknown): Failure {
  const { code, message, stack, cause } = asLogError(error);
  const detail = cause instanceof Error ? cause.stack : stack;
  return { code, message, detail: detail ?? message };
}

/** The error as the caller sees it; its cause carries the stack of the worker thread. */
export function fromFailure({ code, message, detail }: Failure): OrdoError {
  const cause = new Error(message);
  cause.stack = detail;
  return new OrdoError(code, message, { cause });
}

function codeOf(error: unknown): ErrorCode {
  const result = resultCode(error);
  if (result === SQLITE_IOERR_SHMSIZE) return 'LOG_FULL';
  if (result !== 0) return BY_RESULT[result & 0xff] ?? 'INTERNAL';
  const errno = error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : '';
  return errno === '' ? 'INTERNAL' : (BY_ERRNO[errno] ?? 'LOG_UNAVAILABLE');
}

function resultCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : 0;
}
