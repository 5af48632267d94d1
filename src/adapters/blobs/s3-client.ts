import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client as Client,
} from '@aws-sdk/client-s3';
import { OrdoError } from '../../errors.ts';
import type { S3Place } from './s3-place.ts';

/** How to reach S3, or a storage that speaks its protocol. */
export interface S3Connection {
  /** Absent: that of the environment or of the AWS configuration. */
  region?: string;
  /** Absent: that of AWS. */
  endpoint?: string;
  /** Whether URLs name the bucket in their path, not in their host. */
  pathStyle: boolean;
  /** Absent: those that the client finds by itself, in the environment, the AWS configuration or the instance's role. */
  credentials?: { accessKeyId: string; secretAccessKey: string };
  /** For the whole of a request, with its repetitions. */
  timeoutMs: number;
}

/** An object as a listing shows it. */
export interface S3Object {
  key: string;
  /** Milliseconds since 1970, to the second. */
  modifiedMs: number;
  etag: string | undefined;
}

/** Objects that did not stand as they were listed: somebody else removed or wrote them since. */
const CHANGED = new Set(['NoSuchKey', 'PreconditionFailed']);

/** What Ordo asks of S3. Errors: those of the AWS client, for translateS3; a request is tried three times. */
export class S3Client {
  readonly #client: Client;
  readonly #timeoutMs: number;

  constructor({ region, endpoint, pathStyle, credentials, timeoutMs }: S3Connection) {
    this.#timeoutMs = timeoutMs;
    this.#client = new Client({
      ...(region && { region }),
      ...(endpoint && { endpoint }),
      ...(credentials && { credentials: async () => credentials }),
      forcePathStyle: pathStyle,
      // Bytes are held to their SHA-256 here and there; other checksums are unknown to many storages.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  /** The bytes, as they arrive; the signal ends that too. */
  async get({ bucket, key }: S3Place, abortSignal: AbortSignal): Promise<Readable> {
    const command = new GetObjectCommand({ Bucket: bucket, Key: key });
    const { Body } = await this.#client.send(command, { abortSignal });
    if (Body instanceof Readable) return Body;
    throw new OrdoError('INTERNAL', 'the client of S3 gives a body that is no stream');
  }

  /** Writes an object, whole or not at all. S3 compares the bytes with the digest. */
  async put({ bucket, key }: S3Place, bytes: Uint8Array, sha256: Buffer): Promise<void> {
    const content = { Body: bytes, ContentLength: bytes.length, ChecksumSHA256: sha256.toString('base64') };
    await this.#client.send(new PutObjectCommand({ Bucket: bucket, Key: key, ...content }), this.#options());
  }

  /** Makes an object as young as if it were written now: copies it onto itself, so that no bytes travel. */
  async renew({ bucket, key }: S3Place): Promise<void> {
    const source = encodeURI(`${bucket}/${key}`);
    const copy = new CopyObjectCommand({ Bucket: bucket, Key: key, CopySource: source, MetadataDirective: 'REPLACE' });
    await this.#client.send(copy, this.#options());
  }

  /** All objects whose keys begin with the prefix, up to a thousand at a time. */
  async *list({ bucket, key: prefix }: S3Place, signal?: AbortSignal): AsyncGenerator<S3Object[], void> {
    let next: string | undefined;
    do {
      const from = next === undefined ? {} : { ContinuationToken: next };
      const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ...from });
      const { Contents = [], NextContinuationToken } = await this.#client.send(command, this.#options(signal));
      yield Contents.flatMap(({ Key, LastModified, ETag }) =>
        Key === undefined || !LastModified ? [] : { key: Key, modifiedMs: LastModified.getTime(), etag: ETag },
      );
      next = NextContinuationToken;
    } while (next !== undefined);
  }

  /** Removes up to a thousand objects, but for those that changed since they were listed; how many it removed. */
  async remove(bucket: string, objects: readonly S3Object[], signal?: AbortSignal): Promise<number> {
    const Objects = objects.map(({ key, etag }) => ({ Key: key, ...(etag && { ETag: etag }) }));
    const command = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } });
    const { Errors = [] } = await this.#client.send(command, this.#options(signal));
    const refused = Errors.filter(({ Code = '' }) => !CHANGED.has(Code));
    if (refused.length === 0) return objects.length - Errors.length;
    const what = `${refused.length} of ${objects.length} objects: ${refused[0]?.Code}`;
    throw new OrdoError('BLOB_UNAVAILABLE', `S3 refuses to remove ${what}`);
  }

  #options(signal?: AbortSignal): { abortSignal: AbortSignal } {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    return { abortSignal: signal ? AbortSignal.any([signal, timeout]) : timeout };
  }
}
