import { OrdoError } from '../errors.ts';

/**
 * The Blobs port: image bytes kept beside the log (the claim-check pattern).
 *
 * `read` resolves only with bytes whose SHA-256 is the reference's. `write` is idempotent: the same bytes, the same
 * reference. `renew` makes a blob as young as if it were written now, so that it is not collected before a record that
 * is about to point to it; it leaves alone what this storage did not write. Errors: BLOB_NOT_FOUND, BLOB_DIGEST_MISMATCH,
 * BLOB_TOO_LARGE, BLOB_FORBIDDEN, BLOB_UNSUPPORTED, BLOB_UNAVAILABLE (passing); where an HTTP(S) host gave no answer, that
 * is an UnansweredError.
 */
export interface Blobs {
  read(reference: BlobReference): Promise<Uint8Array>;
  write(bytes: Uint8Array): Promise<BlobReference>;
  renew(reference: BlobReference): Promise<void>;
}

export interface BlobReference {
  /** `file:`, `http(s):` or `s3://bucket/key`, there with the key as it is, not percent-encoded. */
  uri: string;
  /** 32 bytes. */
  sha256: Uint8Array;
  sizeBytes: number;
}

export interface UnansweredErrorOptions {
  cause?: unknown;
  /** Whether the host of the reference did answer, and the one that did not is another, to which it redirects. */
  elsewhere?: boolean;
}

/** BLOB_UNAVAILABLE, and no answer came from the host of the reference, or none that was whole, while it was waited for. */
export class UnansweredError extends OrdoError {
  readonly elsewhere: boolean;

  constructor(message: string, { elsewhere = false, ...options }: UnansweredErrorOptions = {}) {
    super('BLOB_UNAVAILABLE', message, options);
    this.elsewhere = elsewhere;
  }
}
