import { ERRORS, type ErrorCode } from './error-codes.ts';
import { cut } from './text.ts';

export { ERRORS, type ErrorCode };

export interface OrdoErrorOptions {
  cause?: unknown;
  /** Whether trying again is of no use now, though it is with others of the code. */
  final?: boolean;
}

/** Most characters of a reason. */
const MOST_REASON = 1000;

/** An error with a stable code. `cause` keeps what led to it. */
export class OrdoError extends Error {
  readonly code: ErrorCode;
  readonly #final: boolean;

  constructor(code: ErrorCode, message: string, { final = false, ...options }: OrdoErrorOptions = {}) {
    super(message, options);
    this.name = 'OrdoError';
    this.code = code;
    this.#final = final;
  }

  /** Whether the same work may succeed soon. */
  get retriable(): boolean {
    return !this.#final && ERRORS[this.code].follows === 'tried again';
  }

  /** The message as records, spans and log lines carry it: cut, for nobody bounds what a library or a server says. */
  get reason(): string {
    return cut(this.message, MOST_REASON);
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
