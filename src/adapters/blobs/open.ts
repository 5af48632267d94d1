import { OrdoError } from '../../errors.ts';
import type { BlobReference, Blobs } from '../../ports/blobs.ts';
import { type FileBlobsOptions, openFileBlobs } from './file.ts';
import { type HttpBlobsOptions, openHttpBlobs } from './http.ts';

/** The blobs that claim checks of any known scheme point to. New ones become files. */
export function openBlobs(options: FileBlobsOptions & HttpBlobsOptions): Blobs {
  const files = openFileBlobs(options);
  const http = openHttpBlobs(options);
  const stores = new Map<string, Pick<Blobs, 'read'> & Partial<Blobs>>([
    ['file:', files],
    ['http:', http],
    ['https:', http],
  ]);

  return {
    async read(reference) {
      const scheme = schemeOf(reference);
      const store = stores.get(scheme);
      if (!store) throw new OrdoError('BLOB_UNSUPPORTED', `no storage here reads ${scheme || 'what is no URL'}`);
      return store.read(reference);
    },
    write: (bytes) => files.write(bytes),
    renew: async (reference) => stores.get(schemeOf(reference))?.renew?.(reference),
  };
}

function schemeOf({ uri }: BlobReference): string {
  return URL.parse(uri)?.protocol ?? '';
}
