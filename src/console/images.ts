import { OrdoError } from '../errors.ts';
import type { Blobs } from '../ports/blobs.ts';
import type { Log, LogRecord } from '../ports/log.ts';
import { type ImageIdentity, identityOf } from '../stages/cloud-events.ts';
import { claimCheckOf, decodeImageEvent } from '../stages/codec.ts';
import { MAX_TEXT } from './label-view.ts';

/** Finds the bytes of recent images by their identity. Only places in the log are kept, not bytes. */
export class ImageIndex {
  readonly #places = new Map<string, { partition: number; offset: number }>();
  readonly #options: { log: Log; topic: string; blobs: Blobs; size: number };

  /** Keeps the places of the last `size` images of the topic; not of one whose label view cuts its identity short. */
  constructor(options: { log: Log; topic: string; blobs: Blobs; size: number }) {
    this.#options = options;
  }

  add(record: LogRecord): void {
    const { ce_source: source, ce_id: id } = record.headers;
    if (!source || !id || source.length > MAX_TEXT || id.length > MAX_TEXT) return;
    this.#places.set(keyOf({ source, id }), { partition: record.partition, offset: record.offset });
    if (this.#places.size <= this.#options.size) return;
    const [oldest = ''] = this.#places.keys();
    this.#places.delete(oldest);
  }

  /** The image's bytes; undefined if it is not among the last, or no longer in the log. Errors: those of log and blobs. */
  async bytes(identity: ImageIdentity): Promise<Uint8Array | undefined> {
    const { log, topic, blobs } = this.#options;
    const place = this.#places.get(keyOf(identity));
    if (!place) return undefined;
    const [record] = await log.read({ topic, ...place, maxRecords: 1, waitMs: 0 });
    if (record?.offset !== place.offset || keyOf(identityOf(record)) !== keyOf(identity)) return undefined;
    const event = decodeImageEvent(record);
    if (event.content.case === 'inline') return event.content.value;
    const reference = claimCheckOf(event);
    if (!reference) throw new OrdoError('RECORD_INVALID', 'the image has no content');
    return blobs.read(reference);
  }
}

function keyOf({ source, id }: ImageIdentity): string {
  return `${source} ${id}`;
}

const SIGNATURES: readonly (readonly [type: string, offset: number, bytes: string])[] = [
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/png', 0, '\x89PNG\r\n\x1a\n'],
  ['image/gif', 0, 'GIF8'],
  ['image/webp', 8, 'WEBP'],
  ['image/avif', 4, 'ftypavif'],
];

/**
 * The media type of a picture that browsers show, by its first bytes; undefined for all else. SVG is left out on
 * purpose: as a document of its own it could run scripts.
 */
export function pictureType(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 16)).toString('latin1');
  return SIGNATURES.find(([, offset, signature]) => head.startsWith(signature, offset))?.[0];
}
