import { OrdoError } from '../../errors.ts';
import type { BlobReference } from '../../ports/blobs.ts';

/** An object of S3. */
export interface S3Place {
  bucket: string;
  /** As it is, not percent-encoded. */
  key: string;
}

/** Of a key in UTF-8, by https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const MOST_KEY_BYTES = 1024;
const URI = /^s3:\/\/([^/]+)\/(.+)$/is;
/** Not above the prefix, even where a storage takes keys for paths. */
const WAY_UP = /(^|\/)\.\.?(\/|$)/;

export function uriOf({ bucket, key }: S3Place): string {
  return `s3://${bucket}/${key}`;
}

/**
 * Where a reference points to, if it lies in one of the areas: `bucket/` or `bucket/prefix/`.
 * Errors: BLOB_FORBIDDEN, and BLOB_NOT_FOUND if the key is longer than any.
 */
export function placeInside(areas: readonly string[], { uri }: BlobReference): S3Place {
  const [, bucket = '', key = ''] = URI.exec(uri) ?? [];
  if (!key) throw new OrdoError('BLOB_FORBIDDEN', 'the claim check is not the URL of an object of S3');
  if (WAY_UP.test(key) || !areas.some((area) => `${bucket}/${key}`.startsWith(area))) {
    throw new OrdoError('BLOB_FORBIDDEN', 'the claim check points outside the allowed buckets');
  }
  if (Buffer.byteLength(key) <= MOST_KEY_BYTES) return { bucket, key };
  throw new OrdoError('BLOB_NOT_FOUND', 'the claim check names a key longer than any in S3');
}
