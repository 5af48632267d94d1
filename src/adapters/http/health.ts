import { fastify, type FastifyInstance, type FastifyPluginAsync } from 'fastify';
import { OrdoError } from '../../errors.ts';
import { guardHost, isLoopback } from './host-guard.ts';

/** What keeps the process from being live or ready. */
export interface Problem {
  /** What is concerned: a stage, the log, the model. */
  name: string;
  message: string;
}

export interface HealthOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** Names, besides the host, under which plugins are served. */
  names?: readonly string[];
  /** Why the process should be restarted; empty while it should not. */
  live: () => Problem[];
  /** Why the process makes no progress at the moment; empty while it does. */
  ready: () => Problem[];
  /** The metrics in the Prometheus text format. */
  scrape: () => Promise<string>;
  /** What else the server serves: wherever it listens, only under its names, as localhost and by address. */
  plugins?: readonly FastifyPluginAsync[];
}

export interface HealthServer {
  /** `http://host:port`, without a slash at the end. */
  readonly url: string;
  /** Stops listening, drops idle connections, and gives requests in hand a second to end. */
  close: () => Promise<void>;
}

const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const CLOSE_GRACE_MS = 1000;

/**
 * Serves /livez, /readyz and /metrics, under any name unless it listens on a loopback address: those who ask for them have
 * names of their own for it. Errors: PORT_IN_USE; USAGE if the host is not one of this machine.
 */
export async function startHealthServer(options: HealthOptions): Promise<HealthServer> {
  const server = fastify({ forceCloseConnections: 'idle', routerOptions: { ignoreTrailingSlash: true } });
  const names = [options.host, ...(options.names ?? [])];
  if (isLoopback(options.host)) guardHost(server, names);
  probe(server, '/livez', options.live);
  probe(server, '/readyz', options.ready);
  server.get('/metrics', async (_request, reply) => reply.type(PROMETHEUS_TEXT).send(await options.scrape()));
  for (const plugin of options.plugins ?? []) server.register(guarded(plugin, names));
  const url = await listen(server, options);
  return { url, close: () => close(server) };
}

function guarded(plugin: FastifyPluginAsync, names: readonly string[]): FastifyPluginAsync {
  return async (server) => {
    guardHost(server, names);
    await server.register(plugin);
  };
}

async function close(server: FastifyInstance): Promise<void> {
  const deadline = setTimeout(() => server.server.closeAllConnections(), CLOSE_GRACE_MS);
  await server.close();
  clearTimeout(deadline);
}

function probe(server: FastifyInstance, path: string, problems: () => Problem[]): void {
  server.get(path, (_request, reply) => {
    const found = problems();
    const ok = found.length === 0;
    return reply
      .code(ok ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: ok ? 'ok' : 'failing', problems: found });
  });
}

async function listen(server: FastifyInstance, { host, port }: HealthOptions): Promise<string> {
  try {
    return await server.listen({ host, port });
  } catch (cause) {
    await server.close();
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EADDRINUSE') {
      throw new OrdoError('PORT_IN_USE', `another program listens on port ${port} of ${host}`, { cause });
    }
    throw new OrdoError('USAGE', `cannot listen on port ${port} of ${host}: ${String(code ?? cause)}`, { cause });
  }
}
