import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Against DNS rebinding: what is served here, and below, is only served to requests addressed to an IP address, to
 * localhost or to one of these names. Otherwise any web page could point a name of its own at an address that its visitor
 * reaches and it does not, such as a loopback address, and read what is served there through the visitor's browser.
 */
export function guardHost(server: FastifyInstance, names: readonly string[]): void {
  const own = new Set(['localhost', ...names].map((name) => name.toLowerCase()));
  server.addHook('onRequest', async (request, reply) => {
    const host = request.hostname.replace(/^\[|\]$/g, '').toLowerCase();
    if (!own.has(host) && isIP(host) === 0) await reply.code(421).send({ error: 'not served under this name' });
  });
}

/** Whether nobody but programs of this machine reaches the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
