import { ERRORS, type ErrorCode } from './error-codes.ts';

export { ERRORS, type ErrorCode };

/** An error with a stable code. `cause` keeps what led to it. */
export class OrdoError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'OrdoError';
    this.code = code;
  }

  /** Whether the same work may succeed later. */
  get retriable(): boolean {
    return ERRORS[this.code].follows === 'tried again';
  }

  get remedy(): string {
    return ERRORS[this.code].remedy;
  }
}

/** The error itself if it carries a code, else an INTERNAL one around it. */
export function asOrdoError(error: unknown): OrdoError {
  if (error instanceof OrdoError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new OrdoError('INTERNAL', message, { cause: error });
}

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text);
}
