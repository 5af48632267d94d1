import { OrdoError } from '../errors.ts';
import { type BlobReference, type Blobs, UnansweredError } from '../ports/blobs.ts';
import type { ImageEvent } from '../records/gen/ordo/v1/records_pb.js';
import { claimCheckOf } from './codec.ts';

/** A host on which an image was given up, and none was read since. */
interface SilentHost {
  /** How many images had been read by then. With more, it is the host that is away, and not all that is outside. */
  readBefore: number;
  /** When it was given up. */
  sinceMs: number;
  /** How its last attempt failed while others were read, and until when that holds for all its images. */
  failure?: { message: string; untilMs: number };
}

/** An attempt at a host. */
interface Attempt {
  host: string;
  startedMs: number;
  /** How many images had been read when it began. */
  readBefore: number;
}

/** Names of hosts come from producers: of so many the oldest is forgotten, and longer ones than DNS has are not kept. */
const MOST_HOSTS = 1000;
const MOST_NAME = 253;

/** A failed attempt holds for this many times as long as it took, so that at most a tenth of the time goes into them. */
const HOLDS = 9;

/** An attempt that fails sooner has waited for nobody: the host refuses, as while it starts again. */
const QUICK_MS = 1000;

/** A host is not taken for away as a whole where an image was read so recently; nor for gone, since it began to refuse. */
const RECENT_MS = 10 * 60_000;

/**
 * Gives images their bytes: from the record, or from where its claim check points to.
 *
 * A host that does not answer is not to keep the images of others waiting. Once an image was given up on it, and others
 * were read since, a failed attempt is the last for its image, and for a while also for the others of that host, which
 * are then not asked for. The first that is read there ends this. While nothing else is read, because nothing can be
 * reached or all images come from that host, every image has all its attempts.
 *
 * Two kinds of failures say less. Where an image of the host was read a short time ago, or it is another that does not
 * answer, to which the host redirects, the other images may be had, and are asked for. And a host that refuses at once
 * keeps nobody waiting: for some time, its images have all their attempts.
 */
export class ImageSource {
  readonly #blobs: Pick<Blobs, 'read'>;
  readonly #now: () => number;
  readonly #silent = new Map<string, SilentHost>();
  /** When the last image of each host was read. */
  readonly #readMs = new Map<string, number>();
  #read = 0;

  /** `now` in milliseconds, never going back. */
  constructor(blobs: Pick<Blobs, 'read'>, now = () => performance.now()) {
    this.#blobs = blobs;
    this.#now = now;
  }

  /** Errors: RECORD_INVALID, and those of the blobs; not retriable where another attempt is not worth its time. */
  async bytesOf(event: ImageEvent): Promise<Uint8Array> {
    const bytes = event.content.case === 'inline' ? event.content.value : await this.#fetch(event);
    this.#read += 1;
    return bytes;
  }

  /** To be told of an image that becomes a dead letter by an UnansweredError. */
  gaveUp(event: ImageEvent): void {
    const host = hostOf(claimCheckOf(event));
    if (host === undefined || this.#silent.has(host)) return;
    remember(this.#silent, host, { readBefore: this.#read, sinceMs: this.#now() });
  }

  async #fetch(event: ImageEvent): Promise<Uint8Array> {
    const reference = claimCheckOf(event);
    if (!reference) throw new OrdoError('RECORD_INVALID', 'the image has neither bytes nor a claim check');
    const host = hostOf(reference);
    return host === undefined ? this.#blobs.read(reference) : this.#fetchFrom(host, reference);
  }

  async #fetchFrom(host: string, reference: BlobReference): Promise<Uint8Array> {
    const attempt = { host, startedMs: this.#now(), readBefore: this.#read };
    const { failure } = this.#silent.get(host) ?? {};
    if (failure && attempt.startedMs < failure.untilMs) {
      throw last(`${failure.message}; that was another image just before, this one was not asked for`);
    }
    try {
      const bytes = await this.#blobs.read(reference);
      this.#silent.delete(host);
      remember(this.#readMs, host, this.#now());
      return bytes;
    } catch (error) {
      throw error instanceof UnansweredError ? this.#judge(error, attempt) : error;
    }
  }

  #judge(error: UnansweredError, { host, startedMs, readBefore }: Attempt): OrdoError {
    const silent = this.#silent.get(host);
    if (!silent || readBefore <= silent.readBefore) return error;
    const endedMs = this.#now();
    const tookMs = endedMs - startedMs;
    if (tookMs < QUICK_MS && endedMs - silent.sinceMs < RECENT_MS) return error;
    const readMs = this.#readMs.get(host) ?? Number.NEGATIVE_INFINITY;
    if (!error.elsewhere && endedMs - readMs >= RECENT_MS) {
      silent.failure = { message: error.message, untilMs: endedMs + HOLDS * tookMs };
    }
    return last(error.message, error);
  }
}

/** Keeps what is known of a host, as the youngest of so many. */
function remember<T>(known: Map<string, T>, host: string, value: T): void {
  known.delete(host);
  const [oldest] = known.keys();
  if (oldest !== undefined && known.size >= MOST_HOSTS) known.delete(oldest);
  known.set(host, value);
}

function last(message: string, cause?: OrdoError): OrdoError {
  return new OrdoError('BLOB_UNAVAILABLE', message, { final: true, ...(cause && { cause }) });
}

/** Host and port of an HTTP(S) reference; undefined for others, whose storage is the pipeline's own. */
function hostOf(reference: BlobReference | undefined): string | undefined {
  const url = reference && URL.parse(reference.uri);
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.hostname.length > MOST_NAME) return undefined;
  return url.host;
}
