/**
 * Every error that Ordo raises on purpose carries one of these codes. The list is closed, and a code keeps its
 * meaning for good: dead letters, exit codes and alerts rest on it. `retriable` says whether the same work may
 * succeed later without anything being changed by hand; only errors that are not retriable lead to a dead
 * letter, and BLOB_UNAVAILABLE after eight attempts.
 */
export const ERRORS = {
  USAGE: { retriable: false, summary: 'the command line is wrong' },
  INTERNAL: { retriable: false, summary: 'a defect in Ordo itself' },
  STOPPED: { retriable: true, summary: 'the work was cut off by a shutdown' },

  PIPELINE_NOT_FOUND: { retriable: false, summary: 'the pipeline file is not there or cannot be read' },
  PIPELINE_INVALID: { retriable: false, summary: 'the pipeline file does not say what it must' },

  MODEL_NOT_FOUND: { retriable: false, summary: 'the model folder or a file of it is not there' },
  MODEL_INVALID: { retriable: false, summary: 'the model manifest or a graph is malformed' },
  MODEL_DIGEST_MISMATCH: { retriable: false, summary: 'a model file differs from its digest' },
  MODEL_MISMATCH: { retriable: true, summary: 'the record was made for a model that is not loaded here' },

  RECORD_INVALID: { retriable: false, summary: 'the record is not what the topic holds' },
  RECORD_TOO_LARGE: { retriable: false, summary: 'the record exceeds the size the log takes' },
  RECORD_POISON: { retriable: false, summary: 'processes died three times while handling the record alone' },

  IMAGE_EMPTY: { retriable: false, summary: 'the image has no bytes' },
  IMAGE_TOO_LARGE: { retriable: false, summary: 'the image has more bytes than the pipeline allows' },
  IMAGE_TOO_MANY_PIXELS: { retriable: false, summary: 'the image has more pixels than the pipeline allows' },
  IMAGE_UNSUPPORTED: { retriable: false, summary: 'the bytes are not of a supported image format' },
  IMAGE_CORRUPT: { retriable: false, summary: 'the image is truncated or damaged' },
  IMAGE_TIMEOUT: { retriable: false, summary: 'decoding took longer than the pipeline allows' },
  IMAGE_CRASHED_DECODER: { retriable: false, summary: 'the decoder process died on the image three times' },
  DECODER_UNAVAILABLE: { retriable: true, summary: 'no decoder process can be started' },

  BLOB_NOT_FOUND: { retriable: false, summary: 'the claim check points to nothing' },
  BLOB_DIGEST_MISMATCH: { retriable: false, summary: 'the bytes behind the claim check differ from its digest' },
  BLOB_TOO_LARGE: { retriable: false, summary: 'the bytes behind the claim check exceed the limit' },
  BLOB_FORBIDDEN: { retriable: false, summary: 'the claim check points where the pipeline does not allow' },
  BLOB_UNSUPPORTED: { retriable: false, summary: 'the claim check has a scheme that nothing here reads' },
  BLOB_UNAVAILABLE: { retriable: true, summary: 'the storage behind the claim check does not answer' },

  LOG_UNAVAILABLE: { retriable: true, summary: 'the log does not answer or cannot be opened' },
  LOG_FULL: { retriable: true, summary: 'the disk of the log is full' },
  LOG_CORRUPT: { retriable: false, summary: 'the log file is damaged' },
  LOG_FENCED: { retriable: true, summary: 'the partition belongs to another consumer by now' },
  LOG_TOPIC_UNKNOWN: { retriable: false, summary: 'the topic does not exist' },
  LOG_TOPIC_CONFLICT: { retriable: false, summary: 'the topic exists with other settings' },
  LOG_OFFSET_INVALID: { retriable: false, summary: 'the offset lies outside the log' },
  LOG_FORBIDDEN: { retriable: false, summary: 'the log refuses the credentials, or what they ask for' },
  LOG_REFUSED: { retriable: false, summary: 'the log does not allow what is asked, whoever asks' },
  LOG_CLOSED: { retriable: false, summary: 'the log was closed' },

  PROVIDER_UNAVAILABLE: { retriable: false, summary: 'the execution provider cannot be used on this machine' },
  SCORER_FAILED: { retriable: true, summary: 'the scorer could not compute a tile' },
  SCORER_PARITY: { retriable: false, summary: 'the execution provider gives other numbers than the CPU' },
  SCORER_NOT_FINITE: { retriable: false, summary: 'the model gave a log-likelihood that is not a finite number' },

  LABELS_INVALID: { retriable: false, summary: 'the CSV of labels does not say what it must' },
  EVIDENCE_INVALID: { retriable: false, summary: 'the file of recorded evidence cannot be used' },
  PROFILE_INVALID: { retriable: false, summary: 'the profile of a machine cannot be used' },
  INPUT_NOT_FOUND: { retriable: false, summary: 'the path is not there or cannot be read' },
  OUTPUT_UNWRITABLE: { retriable: false, summary: 'the file cannot be written' },
  PORT_IN_USE: { retriable: false, summary: 'another program listens on the port' },
} as const satisfies Record<string, { retriable: boolean; summary: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** An error with a stable code. `cause` keeps what led to it. */
export class OrdoError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'OrdoError';
    this.code = code;
  }

  get retriable(): boolean {
    return ERRORS[this.code].retriable;
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
