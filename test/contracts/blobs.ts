import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { BlobReference, Blobs } from '../../src/ports/blobs.ts';

/** A storage to test: what reads from it, and how bytes get there and what their reference is. */
export interface BlobsSubject {
  blobs: Pick<Blobs, 'read'>;
  put(bytes: Uint8Array): Promise<BlobReference>;
  /** A reference to where nothing is. */
  absent(): BlobReference;
  close(): Promise<void>;
}

export const MAX_BYTES = 1 << 20;

/** The reference that belongs to `bytes` at `uri`. */
export function referenceTo(uri: string, bytes: Uint8Array): BlobReference {
  const digest = createHash('sha256').update(bytes).digest();
  return { uri, sha256: new Uint8Array(digest), sizeBytes: bytes.length };
}

/** What ports/blobs.ts promises of `read`. `open` opens a storage that allows MAX_BYTES. */
export function blobsContract(name: string, open: () => Promise<BlobsSubject>): void {
  describe(`${name} as Blobs`, () => {
    let subject: BlobsSubject;
    before(async () => {
      subject = await open();
    });
    after(() => subject.close());

    for (const size of [0, 1, 1000, MAX_BYTES]) {
      it(`reads ${size} bytes as they were put there`, async () => {
        const bytes = new Uint8Array(size).map((_, at) => (at * 31) & 255);
        const found = await subject.blobs.read(await subject.put(bytes));
        assert.ok(Buffer.from(bytes).equals(found));
      });
    }

    it('refuses bytes of another digest', async () => {
      const reference = await subject.put(Buffer.from('these'));
      const other = { ...reference, sha256: referenceTo('', Buffer.from('those')).sha256 };
      await assert.rejects(subject.blobs.read(other), { code: 'BLOB_DIGEST_MISMATCH' });
    });

    it('refuses a digest of no or of too few bytes', async () => {
      const reference = await subject.put(Buffer.from('these'));
      for (const length of [0, 31]) {
        const short = { ...reference, sha256: reference.sha256.slice(0, length) };
        await assert.rejects(subject.blobs.read(short), { code: 'BLOB_DIGEST_MISMATCH' });
      }
    });

    it('refuses more and fewer bytes than the reference says', async () => {
      const reference = await subject.put(Buffer.alloc(300_000));
      for (const sizeBytes of [0, 299_999, 300_001]) {
        await assert.rejects(subject.blobs.read({ ...reference, sizeBytes }), { code: 'BLOB_DIGEST_MISMATCH' });
      }
    });

    it('refuses bytes that end early where only zeros are missing', async () => {
      const { uri } = await subject.put(Buffer.alloc(299_999));
      const whole = referenceTo(uri, Buffer.alloc(300_000));
      await assert.rejects(subject.blobs.read(whole), { code: 'BLOB_DIGEST_MISMATCH' });
    });

    it('refuses more bytes than are allowed', async () => {
      const reference = await subject.put(Buffer.alloc(MAX_BYTES + 1));
      await assert.rejects(subject.blobs.read(reference), { code: 'BLOB_TOO_LARGE' });
    });

    it('tells that there is nothing', () =>
      assert.rejects(subject.blobs.read(subject.absent()), { code: 'BLOB_NOT_FOUND' }));

    it('reads many at a time', async () => {
      const all = Array.from({ length: 20 }, (_, at) => Buffer.alloc(5000, at));
      const references = await Promise.all(all.map((bytes) => subject.put(bytes)));
      const found = await Promise.all(references.map((reference) => subject.blobs.read(reference)));
      found.forEach((bytes, at) => assert.ok(all[at]?.equals(bytes)));
    });
  });
}
