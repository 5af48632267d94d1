import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { openSocket } from '../../../src/adapters/kafka/sockets.ts';

describe('openSocket', () => {
  let server: Server;
  let port: number;
  const arrived: Socket[] = [];
  beforeEach(async () => {
    server = createServer((socket) => arrived.push(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(() => {
    for (const socket of arrived.splice(0)) socket.destroy();
    server.close();
  });

  const open = (ssl?: object, onConnect = () => {}) =>
    openSocket({ host: '127.0.0.1', port, ssl: ssl as never, onConnect });

  it('destroys what is given up while it connects, which would else wait for an answer', () => {
    const socket = open();
    socket.end();
    assert.equal(socket.destroyed, true);
  });

  it('destroys what is given up while a broker is silent on its certificate', async () => {
    const socket = open({});
    await Promise.all([once(socket, 'connect'), once(server, 'connection')]);
    socket.end();
    assert.equal(socket.destroyed, true);
  });

  it('ends what is connected in good order, so that what was written arrives', async () => {
    const connected = Promise.withResolvers<void>();
    const socket = open(undefined, connected.resolve);
    const [[far]] = await Promise.all([once(server, 'connection'), connected.promise]);
    socket.write('the last request');
    socket.end();
    assert.equal(socket.destroyed, false);
    assert.equal(`${(await once(far, 'data'))[0]}`, 'the last request');
  });
});
