import { type ErrorCode, OrdoError } from '../../errors.ts';

/** Answers with which S3 refuses whoever asks, not what is asked for: another secret or a right clock helps. */
const NOT_US = new Set([
  'ExpiredToken',
  'InvalidAccessKeyId',
  'InvalidToken',
  'RequestExpired',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
  'TokenRefreshRequired',
]);

/**
 * What a failed request means: 404 is BLOB_NOT_FOUND, 403 is BLOB_FORBIDDEN unless the credentials are at fault, and all
 * else is BLOB_UNAVAILABLE. Of an answer only name and status are kept, for it may repeat headers of the request, a
 * session token among them.
 */
export function translateS3(error: unknown, doing: string): OrdoError {
  if (error instanceof OrdoError) return error;
  const { name, status, message } = describe(error);
  if (status === undefined) return new OrdoError('BLOB_UNAVAILABLE', `${doing}: ${message}`, { cause: error });
  return new OrdoError(codeOf(name, status), `${doing}: S3 answers ${name} (${status})`);
}

function codeOf(name: string, status: number): ErrorCode {
  if (status === 404) return 'BLOB_NOT_FOUND';
  return status === 403 && !NOT_US.has(name) ? 'BLOB_FORBIDDEN' : 'BLOB_UNAVAILABLE';
}

function describe(error: unknown): { name: string; status?: number; message: string } {
  if (!(error instanceof Error)) return { name: '', message: String(error) };
  const { name, message } = error;
  const metadata = '$metadata' in error ? error.$metadata : undefined;
  const answered = typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata;
  const status = answered ? metadata.httpStatusCode : undefined;
  return typeof status === 'number' ? { name, status, message } : { name, message };
}
