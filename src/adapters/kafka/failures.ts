import { type ErrorCode, OrdoError } from '../../errors.ts';

/** What kafkajs says of an error: `type` is the protocol's name of it. */
interface KafkaFailure {
  name?: unknown;
  type?: unknown;
  message?: unknown;
  cause?: unknown;
  errors?: unknown;
}

/** Protocol errors (https://kafka.apache.org/protocol#protocol_error_codes) that mean something of their own. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  MESSAGE_TOO_LARGE: 'RECORD_TOO_LARGE',
  RECORD_LIST_TOO_LARGE: 'RECORD_TOO_LARGE',
  ILLEGAL_GENERATION: 'LOG_FENCED',
  UNKNOWN_MEMBER_ID: 'LOG_FENCED',
  FENCED_INSTANCE_ID: 'LOG_FENCED',
  TOPIC_AUTHORIZATION_FAILED: 'LOG_FORBIDDEN',
  GROUP_AUTHORIZATION_FAILED: 'LOG_FORBIDDEN',
  CLUSTER_AUTHORIZATION_FAILED: 'LOG_FORBIDDEN',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'LOG_FORBIDDEN',
  SASL_AUTHENTICATION_FAILED: 'LOG_FORBIDDEN',
  UNSUPPORTED_SASL_MECHANISM: 'LOG_FORBIDDEN',
  INVALID_SESSION_TIMEOUT: 'LOG_REFUSED',
  INVALID_REPLICATION_FACTOR: 'LOG_REFUSED',
  INVALID_PARTITIONS: 'LOG_REFUSED',
  INVALID_CONFIG: 'LOG_REFUSED',
  INVALID_TOPIC_EXCEPTION: 'LOG_REFUSED',
  POLICY_VIOLATION: 'LOG_REFUSED',
  INCONSISTENT_GROUP_PROTOCOL: 'LOG_REFUSED',
  INVALID_GROUP_ID: 'LOG_REFUSED',
  UNSUPPORTED_VERSION: 'LOG_REFUSED',
};

/** Failures of the background that no repetition heals. */
const FINAL = new Set<ErrorCode>(['LOG_FORBIDDEN', 'LOG_REFUSED', 'INTERNAL']);

/** TLS failures that time does not heal. */
const CERTIFICATE = /certificate|ERR_TLS|ERR_SSL|EPROTO|altname/i;

/** The error as the port names it; one that is not known to be final is passing, LOG_UNAVAILABLE. */
export function toOrdoError(error: unknown): OrdoError {
  if (error instanceof OrdoError) return error;
  const root = rootOf(error);
  return new OrdoError(codeOf(root), `Kafka: ${textOf(root)}`, { cause: error });
}

/** Whether what is tried in the background need not be tried again. */
export function isFinal({ code }: OrdoError): boolean {
  return FINAL.has(code);
}

/** Whether a connection broke under a request, which nobody has sent again yet. */
export function isBroken(error: unknown): boolean {
  const { cause } = toOrdoError(error);
  return cause instanceof Error && cause.name.startsWith('KafkaJSConnection');
}

/** Whether a broker was not reached, or no more, with all attempts to do so. */
export function isUnreachable(error: unknown): boolean {
  const { name } = rootOf(error);
  return typeof name === 'string' && name.startsWith('KafkaJSConnection');
}

/** The protocol's name of the error underneath, if it is one of the protocol. */
export function protocolError(error: unknown): string | undefined {
  const { type } = rootOf(error);
  return typeof type === 'string' ? type : undefined;
}

/** Runs `work`; what it rejects with becomes an OrdoError. */
export async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toOrdoError(error);
  }
}

function codeOf({ name, type, message }: KafkaFailure): ErrorCode {
  if (typeof type === 'string' && CODES[type]) return CODES[type];
  if (name === 'KafkaJSSASLAuthenticationError') return 'LOG_FORBIDDEN';
  if (name === 'KafkaJSConnectionError' && CERTIFICATE.test(String(message))) return 'LOG_FORBIDDEN';
  // A batch compressed by a codec that kafkajs does not have.
  if (name === 'KafkaJSNotImplemented') return 'LOG_REFUSED';
  if (name === 'TypeError' || name === 'RangeError' || name === 'ReferenceError') return 'INTERNAL';
  return 'LOG_UNAVAILABLE';
}

function textOf({ name, message, type }: KafkaFailure): string {
  if (name === 'KafkaJSNotImplemented') return `${String(message)}; set compression.type of the topic to uncompressed`;
  return typeof type === 'string' ? `${String(message)} (${type})` : String(message);
}

/** kafkajs wraps errors whose retries ran out, and gathers those of several topics. */
function rootOf(error: unknown): KafkaFailure {
  if (typeof error !== 'object' || error === null) return { message: error };
  const failure = error as KafkaFailure;
  if (Array.isArray(failure.errors) && failure.errors.length > 0) return rootOf(failure.errors[0]);
  const wraps = failure.name === 'KafkaJSNumberOfRetriesExceeded' || failure.name === 'KafkaJSNonRetriableError';
  return wraps && failure.type === undefined && failure.cause ? rootOf(failure.cause) : failure;
}
