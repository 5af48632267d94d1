import { OrdoError } from '../../errors.ts';
import type { Blobs } from '../../ports/blobs.ts';
import type { S3Connection } from './s3-client.ts';
import { connectS3 } from './s3-connect.ts';
import { translateS3 } from './s3-errors.ts';
import { placeInside, type S3Place, uriOf } from './s3-place.ts';
import { collect, digestOf, requireSize } from './verify.ts';

export interface S3BlobsOptions extends S3Connection {
  /** Where blobs are written. */
  bucket: string;
  /** What the keys of blobs begin with, before their SHA-256: nothing, or a path that ends with a slash. */
  prefix: string;
  /** Where references may point to besides: `bucket/`, or `bucket/prefix/`. */
  allowBuckets: readonly string[];
  maxBytes: number;
}

/**
 * Blobs as objects of S3, in `bucket` under `prefix` and their SHA-256, so that the same bytes are stored once; read from
 * there and from `allowBuckets`, all else is BLOB_FORBIDDEN. A blob that is there is written again, which makes it young
 * and needs no permission to look for it.
 */
export function openS3Blobs({ bucket, prefix, allowBuckets, maxBytes, ...connection }: S3BlobsOptions): Blobs {
  const connect = connectS3(connection);
  const areas = [`${bucket}/${prefix}`, ...allowBuckets];
  const placeOf = (digest: Uint8Array): S3Place => ({ bucket, key: prefix + Buffer.from(digest).toString('hex') });

  return {
    async read(reference) {
      requireSize(reference, maxBytes);
      const place = placeInside(areas, reference);
      const signal = AbortSignal.timeout(connection.timeoutMs);
      try {
        return await collect(await (await connect()).get(place, signal), reference);
      } catch (error) {
        throw translateS3(error, 'cannot read the blob');
      }
    },

    async write(bytes) {
      const digest = digestOf(bytes);
      const place = placeOf(digest);
      try {
        await (await connect()).put(place, bytes, digest);
      } catch (error) {
        const { message, cause } = translateS3(error, `cannot write ${uriOf(place)}`);
        throw new OrdoError('BLOB_UNAVAILABLE', message, { cause });
      }
      return { uri: uriOf(place), sha256: new Uint8Array(digest), sizeBytes: bytes.length };
    },

    async renew(reference) {
      const place = placeOf(reference.sha256);
      if (reference.uri !== uriOf(place)) return;
      try {
        await (await connect()).renew(place);
      } catch (error) {
        throw translateS3(error, `cannot renew ${uriOf(place)}`);
      }
    },
  };
}
