import assert from 'node:assert/strict';
import { type ClientRequest, request } from 'node:http';
import { type HealthServer, startHealthServer } from '../../src/adapters/http/health.ts';
import { openLog } from '../../src/app/open-log.ts';
import { openProducer } from '../../src/app/producer.ts';
import { topicNames } from '../../src/app/spec.ts';
import { consolePlugin, SECURITY_HEADERS } from '../../src/console/plugin.ts';
import type { Log } from '../../src/ports/log.ts';
import { encodeLabel } from '../../src/stages/codec.ts';
import { temporaryFolder } from '../support/folders.ts';
import { TINY_NAMES, tinySpec } from '../support/tiny.ts';
import { CLASSES, type LabelFields, labelOf } from './labels.ts';

const HOSTILE = '</script><img src=x onerror=alert(1)>\n\nevent: evil';
const PNG = Buffer.from('89504e470d0a1a0a0000', 'hex');

describe('consolePlugin', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let log: Log;
  let server: HealthServer;
  const problems = [{ name: 'pipeline', message: 'score: LOG_FULL: the disk is full' }];
  const model = { name: 'tiny', version: '1', digestHex: 'ab'.repeat(32), classes: CLASSES };

  beforeEach(async () => {
    folder = await temporaryFolder();
    const tiny = tinySpec(folder.path);
    const spec = { ...tiny, images: { ...tiny.images, maxBytes: 16 << 20 } };
    log = await openLog(spec);
    const plugin = consolePlugin({ log, spec, model, origin: 'a test', problems: () => problems });
    const health = { live: () => [], ready: () => [], scrape: async () => '' };
    server = await startHealthServer({ host: '0.0.0.0', port: 0, plugins: [plugin], ...health });
  });
  afterEach(async () => {
    await server.close();
    await log.close();
    await folder.remove();
  });

  const get = (path: string, headers: Record<string, string> = {}) => fetch(server.url + path, { headers });

  async function label(fields: LabelFields): Promise<void> {
    await log.publish([{ topic: topicNames(TINY_NAMES).labels, partition: 0, ...encodeLabel(labelOf(fields)) }]);
  }

  async function image(id: string, bytes: Uint8Array): Promise<void> {
    const description = { source: 'urn:test', id, stream: 's', capturedAtMs: 0, attributes: {} };
    await openProducer(tinySpec(folder.path), log).send([{ ...description, bytes }]);
  }

  /** The answer once it is not 404: the console reads the log in its own time. */
  async function picture(id: string): Promise<Response> {
    for (;;) {
      const response = await get(`/image?source=urn:test&id=${encodeURIComponent(id)}`);
      if (response.status !== 404) return response;
    }
  }

  it('serves the page and its files under a strict policy', async () => {
    const page = await get('/');
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
    const script = await get('/console/main.js');
    assert.match(script.headers.get('content-type') ?? '', /^text\/javascript/);
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      for (const response of [page, script]) assert.equal(response.headers.get(name), value, name);
    }
    const policy = page.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*|https?:|data:/);
  });

  it('serves no other files', async () => {
    for (const path of ['/console/..%2Fplugin.ts', '/console/%2e%2e%2f%2e%2e%2fpackage.json', '/console/plugin.ts']) {
      assert.equal((await get(path)).status, 404, path);
    }
  });

  it('spares a page that was not changed', async () => {
    const etag = (await get('/')).headers.get('etag') ?? '';
    assert.equal((await get('/', { 'if-none-match': etag })).status, 304);
    assert.equal((await get('/', { 'if-none-match': '"old"' })).status, 200);
  });

  it('shows nothing to a page that points a name of its own here', async () => {
    for (const path of ['/', '/console/main.js', '/events', '/image?source=urn:test&id=1']) {
      const status = await new Promise((resolve) => {
        request(server.url + path, { headers: { host: 'evil.example' } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).end();
      });
      assert.equal(status, 421, path);
    }
  });

  it('leaves the other routes of the server as they are', async () => {
    assert.equal((await get('/livez')).headers.get('content-security-policy'), null);
  });

  it('tells a new page everything, and then what is new', async () => {
    await label({ id: 'before' });
    const events = await connect(server.url);
    const { about } = await events.next('snapshot');
    assert.deepEqual(about, {
      pipeline: 'tiny',
      model: { name: 'tiny', version: '1', digest: 'ab'.repeat(32), classes: 3 },
      origin: 'a test',
    });
    await label({ id: 'after', truth: '0' });
    await events.until('labels', ({ id, right }) => id === 'after' && right === true);
    const status = await events.next('status');
    assert.deepEqual(status['problems'], problems);
    assert.deepEqual(status['streams'], { count: 1, more: false });
    await events.close();
    const again = await connect(server.url);
    const snapshot = await again.next('snapshot');
    assert.deepEqual(
      snapshot['labels'].map(({ id }: { id: string }) => id),
      ['before', 'after'],
    );
    await again.close();
  });

  it('passes hostile names on as data', async () => {
    const events = await connect(server.url);
    await label({ id: 'x', stream: HOSTILE });
    await events.until('labels', ({ stream }) => stream === HOSTILE);
    assert.deepEqual(events.names.has('evil'), false);
    await events.close();
  });

  it('answers those who ask for the head of the events, and counts none of them as a reader', async () => {
    const heads = Array.from({ length: 40 }, () =>
      fetch(`${server.url}/events`, { method: 'HEAD', signal: AbortSignal.timeout(1000) }),
    );
    assert.deepEqual(new Set((await Promise.all(heads)).map(({ status }) => status)), new Set([404]));
    const events = await connect(server.url);
    await events.next('snapshot');
    await events.close();
  });

  it('says so when the topic holds what is no label', async () => {
    const events = await connect(server.url);
    const foreign = { topic: topicNames(TINY_NAMES).labels, partition: 0, key: PNG, headers: {}, value: PNG };
    await log.publish([foreign]);
    await events.until('status', ({ problems: told }) => JSON.stringify(told).includes('RECORD_INVALID'));
    await events.close();
  });

  it('shows the pictures of images in the log, and only pictures', async () => {
    await image('a b/ü?&', PNG);
    const shown = await picture('a b/ü?&');
    assert.equal(shown.headers.get('content-type'), 'image/png');
    assert.equal(shown.headers.get('x-content-type-options'), 'nosniff');
    assert.deepEqual(Buffer.from(await shown.arrayBuffer()), PNG);
    await image('svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'));
    assert.equal((await picture('svg')).status, 415);
    assert.equal((await get('/image?source=urn:test&id=unknown')).status, 404);
    assert.equal((await get('/image')).status, 400);
  });

  it('sends so many pictures at a time and no more, whether they are read or not', async () => {
    const large = Buffer.concat([PNG, Buffer.alloc(8 << 20)]);
    await image('large', large);
    const read = Buffer.from(await (await picture('large')).arrayBuffer());
    assert.ok(read.equals(large));
    const path = `${server.url}/image?source=urn:test&id=large`;
    const unread = await Promise.all(Array.from({ length: 16 }, () => leaveUnread(path)));
    const refused = await get('/image?source=urn:test&id=large');
    assert.equal(refused.status, 503);
    assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
    unread.pop()?.destroy();
    for (;;) {
      const { status } = await get('/image?source=urn:test&id=unknown');
      if (status === 404) break;
      assert.equal(status, 503);
    }
    for (const one of unread) one.destroy();
  });

  it('lets the server close although pages are connected', async () => {
    const events = await connect(server.url);
    await server.close();
    await assert.rejects(events.next('never'), /ended/);
  });

  it('lets the server close although the log does not answer', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    log.topics = () => {
      resolve();
      return new Promise(() => {});
    };
    await promise;
    await server.close();
  });
});

/** A picture that began to come and of which nothing is read. */
function leaveUnread(url: string): Promise<ClientRequest> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false }, (response) => {
      assert.equal(response.statusCode, 200);
      response.on('error', () => {});
      resolve(asked);
    });
    asked.on('error', reject).end();
  });
}

type Data = Record<string, any>;

/** A reader of the server's events. */
async function connect(url: string) {
  const response = await fetch(`${url}/events`);
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  assert.ok(response.headers.get('content-security-policy'));
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.ok(reader);
  const names = new Set<string>();
  let buffered = '';

  async function event(): Promise<{ name: string; data: any }> {
    for (;;) {
      const end = buffered.indexOf('\n\n');
      if (end >= 0) {
        const [, name = '', data = ''] = /^event: (.*)\ndata: (.*)$/.exec(buffered.slice(0, end)) ?? [];
        buffered = buffered.slice(end + 2);
        names.add(name);
        return { name, data: JSON.parse(data) };
      }
      const { value, done } = await reader!.read();
      if (done) throw new Error('the stream ended');
      buffered += value;
    }
  }

  async function next(wanted: string): Promise<Data> {
    for (;;) {
      const { name, data } = await event();
      if (name === wanted) return data;
    }
  }

  /** Reads on until an event's data, or one of them where it is a list, is what was wanted. */
  async function until(wanted: string, test: (data: Data) => boolean): Promise<void> {
    for (;;) {
      const data = await next(wanted);
      if ((Array.isArray(data) ? data : [data]).some(test)) return;
    }
  }

  return { next, until, names, close: () => reader.cancel() };
}
