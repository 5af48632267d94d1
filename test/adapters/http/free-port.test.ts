import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { nextFreePort } from '../../../src/adapters/http/free-port.ts';

describe('nextFreePort', () => {
  const servers: Server[] = [];
  afterEach(() => servers.splice(0).forEach((server) => server.close()));

  async function take(port: number): Promise<number> {
    const server = createServer().listen({ host: '127.0.0.1', port });
    servers.push(server);
    await once(server, 'listening');
    const address = server.address();
    assert.ok(address && typeof address === 'object');
    return address.port;
  }

  it('gives a free port as it is, and leaves it free', async () => {
    const port = await take(0);
    servers.pop()?.close();
    assert.equal(await nextFreePort('127.0.0.1', port), port);
    assert.equal(await take(port), port);
  });

  it('goes past a port that is taken', async () => {
    const port = await take(0);
    const next = await nextFreePort('127.0.0.1', port);
    assert.ok(next > port);
    assert.equal(await take(next), next);
  });

  it('leaves the choice of port 0 to the system', async () => {
    assert.equal(await nextFreePort('127.0.0.1', 0), 0);
  });

  it('gives the port back where the host is not of this machine, for listening to say so', async () => {
    assert.equal(await nextFreePort('192.0.2.1', 9464), 9464);
  });
});
