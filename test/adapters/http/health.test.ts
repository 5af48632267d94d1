import assert from 'node:assert/strict';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import {
  type HealthOptions,
  type HealthServer,
  type Problem,
  startHealthServer,
} from '../../../src/adapters/http/health.ts';
import { OrdoError } from '../../../src/errors.ts';

describe('startHealthServer', () => {
  const servers: HealthServer[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  async function start(options: Partial<HealthOptions> = {}): Promise<HealthServer> {
    const defaults = { host: '127.0.0.1', port: 0, live: () => [], ready: () => [], scrape: async () => '' };
    const server = await startHealthServer({ ...defaults, ...options });
    servers.push(server);
    return server;
  }

  it('answers 200 while nothing fails', async () => {
    const { url } = await start();
    for (const path of ['/livez', '/readyz']) {
      const response = await fetch(url + path);
      assert.equal(response.status, 200);
      assert.deepEqual(await response.json(), { status: 'ok', problems: [] });
    }
  });

  it('answers 503 and names what fails, and recovers', async () => {
    let problems: Problem[] = [{ name: 'score', message: 'LOG_FULL: the disk is full' }];
    const { url } = await start({ ready: () => problems });
    const failing = await fetch(`${url}/readyz`);
    assert.equal(failing.status, 503);
    assert.deepEqual(await failing.json(), { status: 'failing', problems });
    problems = [];
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
  });

  it('keeps liveness apart from readiness', async () => {
    const { url } = await start({ ready: () => [{ name: 'log', message: 'away' }] });
    assert.equal((await fetch(`${url}/livez`)).status, 200);
  });

  it('serves what the scrape gives as Prometheus text', async () => {
    const { url } = await start({ scrape: async () => 'ordo_x 1\n' });
    const response = await fetch(`${url}/metrics`);
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    assert.equal(await response.text(), 'ordo_x 1\n');
  });

  it('serves plugins', async () => {
    const plugin: NonNullable<HealthOptions['plugins']>[number] = async (server) => {
      server.get('/hello', () => ({ hello: 'world' }));
    };
    const { url } = await start({ plugins: [plugin] });
    assert.deepEqual(await (await fetch(`${url}/hello`)).json(), { hello: 'world' });
  });

  it('refuses a taken port with PORT_IN_USE', async () => {
    const { url } = await start();
    const port = Number(new URL(url).port);
    await assert.rejects(start({ port }), (error) => error instanceof OrdoError && error.code === 'PORT_IN_USE');
  });

  it('refuses a host that is not of this machine with USAGE', async () => {
    const refused = start({ host: '192.0.2.1' });
    await assert.rejects(refused, (error) => error instanceof OrdoError && error.code === 'USAGE');
  });

  it('does not answer under a foreign name while it listens on a loopback address', async () => {
    const { url } = await start();
    assert.equal(await statusUnder(url, 'evil.example'), 421);
    assert.equal(await statusUnder(url, 'localhost'), 200);
    assert.equal(await statusUnder(url, '[::1]:80'), 200);
  });

  it('serves plugins under no foreign name wherever it listens, but to those who probe and scrape under any', async () => {
    const events: NonNullable<HealthOptions['plugins']>[number] = async (server) => {
      server.get('/events', () => 'what cameras see');
    };
    const { url } = await start({ host: '0.0.0.0', names: ['Cameras.example'], plugins: [events] });
    assert.equal(await statusUnder(url, 'evil.example', '/events'), 421);
    for (const host of ['localhost:9464', '127.0.0.1', '[::1]:80', 'cameras.example', 'CAMERAS.example:80']) {
      assert.equal(await statusUnder(url, host, '/events'), 200, host);
    }
    for (const path of ['/livez', '/readyz', '/metrics']) {
      assert.equal(await statusUnder(url, 'ordo-score.svc', path), 200, path);
    }
  });

  it('closes although a kept-alive connection is open', async () => {
    const { url, close } = await start();
    const agent = new Agent({ keepAlive: true });
    await new Promise<void>((resolve) => get(`${url}/livez`, { agent }, (it) => it.resume().on('end', resolve)));
    await close();
    agent.destroy();
    await assert.rejects(fetch(`${url}/livez`));
  });

  it('closes although a request was begun and never finished', async () => {
    const { url, close } = await start();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write('GET /livez HTTP/1.1\r\nHost: localh');
    await new Promise((resolve) => socket.once('connect', resolve));
    await close();
    socket.destroy();
  });
});

function statusUnder(url: string, host: string, path = '/livez'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(`${url}${path}`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
}
