import { OrdoError } from '../../errors.ts';
import type { BlobReference, Blobs } from '../../ports/blobs.ts';
import { quoted } from '../../text.ts';
import { type FileBlobsOptions, openFileBlobs } from './file.ts';
import { type HttpBlobsOptions, openHttpBlobs } from './http.ts';
import { openS3Blobs, type S3BlobsOptions } from './s3.ts';

export interface BlobsOptions extends FileBlobsOptions, HttpBlobsOptions {
  /** Absent: `s3:` references are BLOB_UNSUPPORTED. */
  s3?: Omit<S3BlobsOptions, 'maxBytes' | 'timeoutMs'>;
}

/** The blobs that claim checks of any known scheme point to. New ones go to S3 where that is set, else to files. */
export function openBlobs(options: BlobsOptions): Blobs {
  const { maxBytes, timeoutMs } = options;
  const files = openFileBlobs(options);
  const http = openHttpBlobs(options);
  const s3 = options.s3 && openS3Blobs({ ...options.s3, maxBytes, timeoutMs });
  const stores = new Map<string, Pick<Blobs, 'read'> & Partial<Blobs>>([
    ['file:', files],
    ['http:', http],
    ['https:', http],
    ...(s3 ? ([['s3:', s3]] as const) : []),
  ]);

  return {
    async read(reference) {
      const scheme = schemeOf(reference);
      const store = stores.get(scheme);
      if (store) return store.read(reference);
      throw new OrdoError('BLOB_UNSUPPORTED', `no storage here reads ${scheme ? quoted(scheme) : 'what is no URL'}`);
    },
    write: (bytes) => (s3 ?? files).write(bytes),
    renew: async (reference) => stores.get(schemeOf(reference))?.renew?.(reference),
  };
}

function schemeOf({ uri }: BlobReference): string {
  return URL.parse(uri)?.protocol ?? '';
}
