import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { nextFreePort } from '../../src/adapters/http/free-port.ts';

/** Ports that this process gave away, for it takes a while until something listens on them. */
const given = new Set<number>();

/**
 * Free ports of the loopback address. They lie below those that systems give to outgoing connections: a client that
 * tries such a port again and again while its broker is down may get it as its own, and connect to itself.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = await nextFreePort('127.0.0.1', randomInt(20_000, 32_000));
    if (!given.has(port)) ports.push(port);
    given.add(port);
  }
  return ports;
}

/** Whether something accepts connections on the port. */
export async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
