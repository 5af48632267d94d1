import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Against DNS rebinding: a server that listens on a loopback address only answers requests addressed to an IP address
 * or to localhost. Otherwise any web page could point a name of its own at the loopback address and read what is
 * served here through its visitor's browser.
 */
export function guardHost(server: FastifyInstance, listenHost: string): void {
  if (!isLoopback(listenHost)) return;
  server.addHook('onRequest', async (request, reply) => {
    const host = request.hostname.replace(/^\[|\]$/g, '');
    if (host !== 'localhost' && isIP(host) === 0) await reply.code(421).send({ error: 'not served under this name' });
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
