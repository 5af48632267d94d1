import { finished } from 'node:stream/promises';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { asOrdoError, type OrdoError } from '../errors.ts';
import { format } from './event-stream.ts';
import { pictureType } from './images.ts';
import { loadStaticFiles, type StaticFile } from './static-files.ts';
import { type ConsoleOptions, Watch } from './watch.ts';

/** The page loads nothing but its own files, runs no inline script, and is framed by nobody. */
export const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** Most pages that are told at a time. */
const MAX_READERS = 32;
/** Most pictures under way at a time: each is held whole until its reader has taken it. */
const MAX_PICTURES = 16;
/** A reader that takes nothing of its picture for so long counts as gone. */
const STALLED_MS = 30_000;

/**
 * The console for an HTTP server: the page at `/`, its files under `/console/`, Server-Sent Events at `/events`, and
 * pictures at `/image?source=&id=`. It reads the log in no group, and stops with the server.
 */
export function consolePlugin(options: ConsoleOptions): FastifyPluginAsync {
  return async (server) => {
    const watch = new Watch(options);
    server.addHook('onRequest', async (_request, reply) => void reply.headers(SECURITY_HEADERS));
    servePage(server, await loadStaticFiles());
    serveEvents(server, watch);
    serveImages(server, watch);
    server.addHook('onReady', async () => watch.start());
    server.addHook('preClose', async () => watch.stop());
  };
}

function servePage(server: FastifyInstance, files: ReadonlyMap<string, StaticFile>): void {
  server.get('/', (request, reply) => sendFile(request, reply, files.get('index.html')));
  server.get<{ Params: { name: string } }>('/console/:name', (request, reply) =>
    sendFile(request, reply, files.get(request.params.name)),
  );
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: StaticFile | undefined): FastifyReply {
  if (!file) return reply.code(404).send({ error: 'no such file' });
  reply.headers({ etag: file.etag, 'cache-control': 'no-cache' });
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  return reply.type(file.type).send(file.body);
}

function serveEvents(server: FastifyInstance, watch: Watch): void {
  // A stream without a body never begins: HEAD is not offered, as it is by default wherever GET is.
  server.get('/events', { exposeHeadRoute: false }, (_request, reply) => {
    if (watch.events.readers >= MAX_READERS) {
      return reply.code(503).header('retry-after', '5').send({ error: 'too many pages are open' });
    }
    reply.hijack();
    reply.raw.writeHead(200, {
      ...SECURITY_HEADERS,
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    reply.raw.write(format('snapshot', watch.snapshot()));
    watch.events.add(reply.raw);
    return reply;
  });
}

function serveImages(server: FastifyInstance, watch: Watch): void {
  const querystring = {
    type: 'object',
    required: ['source', 'id'],
    properties: { source: { type: 'string' }, id: { type: 'string' } },
  };
  let underWay = 0;
  server.get<{ Querystring: { source: string; id: string } }>(
    '/image',
    { schema: { querystring } },
    async (request, reply) => {
      if (underWay >= MAX_PICTURES) {
        return reply.code(503).header('retry-after', '2').send({ error: 'too many pictures are under way' });
      }
      underWay++;
      const reading = watch.images.bytes(request.query).catch((error: unknown) => asOrdoError(error));
      void Promise.allSettled([reading, finished(reply.raw)]).then(() => underWay--);
      return sendPicture(reply, await reading);
    },
  );
}

function sendPicture(reply: FastifyReply, bytes: Uint8Array | OrdoError | undefined): FastifyReply {
  if (bytes instanceof Error) return reply.code(502).send({ error: bytes.code });
  const type = bytes && pictureType(bytes);
  if (!type)
    return reply.code(bytes ? 415 : 404).send({ error: bytes ? 'not a picture browsers show' : 'not at hand' });
  reply.raw.setTimeout(STALLED_MS);
  reply.type(type).header('cache-control', 'private, max-age=3600, immutable');
  return reply.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
