import { isIP } from 'node:net';
import { Agent, type Dispatcher, request } from 'undici';
import { OrdoError } from '../../errors.ts';
import { type Blobs, UnansweredError } from '../../ports/blobs.ts';
import { cut, quoted } from '../../text.ts';
import { guardedLookup, isPublicAddress, notPublic } from './addresses.ts';
import { collect, requireSize } from './verify.ts';

export interface HttpBlobsOptions {
  /** Host names, without ports; `*` stands for every host with public addresses only. */
  allowHosts: readonly string[];
  /** Whether hosts that are named, not those that `*` stands for, may have private or loopback addresses. */
  allowPrivate: boolean;
  maxBytes: number;
  /** For the whole of a read: name resolution, redirects, body. */
  timeoutMs: number;
}

const MAX_REDIRECTS = 3;
const REDIRECTS = [301, 302, 303, 307, 308];
const GONE = [404, 410];
const PASSING = [408, 425, 429];
/** A gateway says that no answer came from behind it. */
const UNANSWERED = [502, 504];

/** Most characters of what the network says: it repeats the host, or the names in a server's certificate. */
const MOST_CAUSE = 300;

/** How far a read has come. */
interface Way {
  from: URL;
  /** What is asked now, after so many redirects. */
  url: URL;
  redirects: number;
}

/**
 * Reads blobs over HTTP(S) from the hosts allowed. Every hop of up to three redirects is held to the same rules, and
 * none may leave HTTPS. Addresses are judged as the socket connects, so a name cannot point elsewhere afterwards.
 *
 * 404 and 410 are BLOB_NOT_FOUND; 408, 425, 429, 5xx, a failed connection and the timeout are BLOB_UNAVAILABLE; any
 * other answer than 200 is BLOB_FORBIDDEN. A failed connection, the timeout, 502 and 504 are an UnansweredError.
 */
export function openHttpBlobs(options: HttpBlobsOptions): Pick<Blobs, 'read'> {
  const { allowPrivate, maxBytes, timeoutMs } = options;
  const named = new Set(options.allowHosts.map((host) => host.toLowerCase()));
  const mayBePrivate = (host: string) => allowPrivate && named.has(host);
  const dispatcher = new Agent({ allowH2: false, connect: { lookup: guardedLookup(mayBePrivate) } });

  function requireAllowed(url: URL): void {
    const host = hostOf(url);
    if (url.username || url.password) throw forbidden(`the URL of ${nameOf(url)} holds credentials`);
    if (!named.has(host) && !named.has('*')) throw forbidden(`${nameOf(url)} is not an allowed host`);
    if (isIP(host) && !mayBePrivate(host) && !isPublicAddress(host)) throw notPublic(host);
  }

  async function get(way: Way, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { url } = way;
    requireAllowed(url);
    const response = await request(url, { dispatcher, signal, headers: { 'accept-encoding': 'identity' } });
    if (response.statusCode === 200) return response;
    await response.body.dump();
    if (!REDIRECTS.includes(response.statusCode)) throw refusal(way, response.statusCode);
    if (way.redirects === MAX_REDIRECTS) throw forbidden(`${nameOf(url)} redirects too often`);
    way.redirects += 1;
    way.url = target(url, response.headers.location);
    return get(way, signal);
  }

  return {
    async read(reference) {
      requireSize(reference, maxBytes);
      const from = new URL(reference.uri);
      const way = { from, url: from, redirects: 0 };
      try {
        const { body } = await get(way, AbortSignal.timeout(timeoutMs));
        return await collect(body, reference);
      } catch (error) {
        throw error instanceof OrdoError ? error : unavailable(way, error);
      }
    },
  };
}

/** The host name, lower-case and without the brackets of an IPv6 address. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

/** The host as messages name it. */
function nameOf(url: URL): string {
  return quoted(hostOf(url));
}

function target(from: URL, location: string | string[] | undefined): URL {
  const to = typeof location === 'string' ? URL.parse(location, from.href) : null;
  const kept = from.protocol === 'https:' ? ['https:'] : ['http:', 'https:'];
  if (to && kept.includes(to.protocol)) return to;
  throw forbidden(`${nameOf(from)} redirects to what is not read`);
}

function forbidden(message: string): OrdoError {
  return new OrdoError('BLOB_FORBIDDEN', message);
}

function refusal(way: Way, status: number): OrdoError {
  const message = `${nameOf(way.url)} answers with status ${status}`;
  if (UNANSWERED.includes(status)) return new UnansweredError(message, { elsewhere: isElsewhere(way) });
  if (GONE.includes(status)) return new OrdoError('BLOB_NOT_FOUND', message);
  return new OrdoError(PASSING.includes(status) || status >= 500 ? 'BLOB_UNAVAILABLE' : 'BLOB_FORBIDDEN', message);
}

function unavailable(way: Way, cause: unknown): OrdoError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `cannot read from ${nameOf(way.url)}: ${cut(reason, MOST_CAUSE)}`;
  return new UnansweredError(message, { cause, elsewhere: isElsewhere(way) });
}

function isElsewhere({ from, url }: Way): boolean {
  return url.host !== from.host;
}
