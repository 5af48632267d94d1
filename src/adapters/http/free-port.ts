import { once } from 'node:events';
import { createServer } from 'node:net';

/** How many ports are tried. */
const TRIES = 50;

/** The port, or the next one after it that nothing listens on; the port itself where none of those after it is free either. */
export async function nextFreePort(host: string, port: number): Promise<number> {
  if (port === 0) return port;
  for (let candidate = port; candidate < Math.min(port + TRIES, 65_536); candidate++) {
    if (await isFree(host, candidate)) return candidate;
  }
  return port;
}

async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer().listen({ host, port });
  try {
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
