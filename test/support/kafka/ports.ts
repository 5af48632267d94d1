import { randomInt } from 'node:crypto';
import { nextFreePort } from '../../../src/adapters/http/free-port.ts';

/**
 * Free ports of the loopback address. They lie below those that systems give to outgoing connections: a client that
 * tries such a port again and again while its broker is down may get it as its own, and connect to itself.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = await nextFreePort('127.0.0.1', randomInt(20_000, 32_000));
    if (!ports.includes(port)) ports.push(port);
  }
  return ports;
}
