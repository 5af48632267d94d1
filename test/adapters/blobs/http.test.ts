import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { type HttpBlobsOptions, openHttpBlobs } from '../../../src/adapters/blobs/http.ts';
import type { OrdoError } from '../../../src/errors.ts';
import { UnansweredError } from '../../../src/ports/blobs.ts';
import { blobsContract, MAX_BYTES, referenceTo } from '../../contracts/blobs.ts';
import { type Served, serve } from '../../support/serve.ts';

const OPTIONS: HttpBlobsOptions = {
  allowHosts: ['127.0.0.1', 'localhost'],
  allowPrivate: true,
  maxBytes: MAX_BYTES,
  timeoutMs: 5000,
};

blobsContract('openHttpBlobs', async () => {
  const stored = new Map<string, Uint8Array>();
  const { origin, close } = await serve(({ url = '' }, response) => {
    const bytes = stored.get(url);
    response.statusCode = bytes ? 200 : 404;
    response.end(bytes);
  });
  return {
    blobs: openHttpBlobs(OPTIONS),
    put: (bytes) => {
      const path = `/${stored.size}`;
      stored.set(path, bytes);
      return Promise.resolve(referenceTo(origin + path, bytes));
    },
    absent: () => referenceTo(`${origin}/absent`, Buffer.from('x')),
    close,
  };
});

describe('openHttpBlobs', () => {
  const bytes = Buffer.from('the bytes of an image');
  let server: Served;
  let requests: string[];

  /** What the server does at a path; a path that is a number answers with that status. */
  const routes: Record<string, (response: ServerResponse) => void> = {
    '/image': (response) => response.end(bytes),
    '/once': (response) => redirect(response, '/image'),
    '/thrice': (response) => redirect(response, '/twice'),
    '/twice': (response) => redirect(response, '/once'),
    '/four': (response) => redirect(response, '/thrice'),
    '/away': (response) => redirect(response, 'http://example.com/image'),
    '/inward': (response) => redirect(response, `http://[::1]:${server.port}/image`),
    '/to-file': (response) => redirect(response, 'file:///etc/hostname'),
    '/aside': (response) => redirect(response, '/silent'),
    '/astray': (response) => redirect(response, `http://localhost:${server.port}/silent`),
    '/astray-504': (response) => redirect(response, `http://localhost:${server.port}/504`),
    '/nowhere': (response) => response.writeHead(302).end(),
    '/endless': (response) => {
      const more = () => response.destroyed || (response.write(Buffer.alloc(65536)), setImmediate(more));
      more();
    },
    '/silent': () => {},
    '/slow': (response) => {
      response.write('the');
    },
    '/cut': (response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write('the');
      setImmediate(() => response.destroy());
    },
  };

  beforeEach(async () => {
    requests = [];
    server = await serve(({ url = '' }, response) => {
      requests.push(url);
      const [path = ''] = url.split('?');
      const route = routes[path];
      if (route) route(response);
      else response.writeHead(Number(path.slice(1))).end('no image');
    });
  });
  afterEach(() => server.close());

  function read(path: string, options: Partial<HttpBlobsOptions> = {}, origin = server.origin): Promise<Uint8Array> {
    return openHttpBlobs({ ...OPTIONS, ...options }).read(referenceTo(origin + path, bytes));
  }

  const statuses = {
    BLOB_NOT_FOUND: [404, 410],
    BLOB_UNAVAILABLE: [408, 425, 429, 500, 502, 503, 504],
    BLOB_FORBIDDEN: [201, 204, 206, 304, 400, 401, 403, 418, 451],
  };
  for (const [code, all] of Object.entries(statuses)) {
    it(`takes the statuses ${all.join(', ')} for ${code}`, async () => {
      for (const status of all) await assert.rejects(read(`/${status}`), { code }, String(status));
    });
  }

  it('follows up to three redirects', async () => {
    assert.ok(bytes.equals(await read('/thrice')));
    await assert.rejects(read('/four'), { code: 'BLOB_FORBIDDEN', message: /too often/ });
  });

  it('holds redirects to the same rules', async () => {
    for (const path of ['/away', '/inward', '/to-file', '/nowhere']) {
      await assert.rejects(read(path), { code: 'BLOB_FORBIDDEN' }, path);
    }
    assert.equal(requests.length, 4);
  });

  it('stops reading what does not end', () => assert.rejects(read('/endless'), { code: 'BLOB_DIGEST_MISMATCH' }));

  it('gives up on what takes too long, before and within the body', async () => {
    await assert.rejects(read('/silent', { timeoutMs: 100 }), { code: 'BLOB_UNAVAILABLE' });
    await assert.rejects(read('/slow', { timeoutMs: 100 }), { code: 'BLOB_UNAVAILABLE' });
  });

  it('is BLOB_UNAVAILABLE when the connection breaks or cannot be made', async () => {
    await assert.rejects(read('/cut'), { code: 'BLOB_UNAVAILABLE' });
    await server.close();
    await assert.rejects(read('/image'), { code: 'BLOB_UNAVAILABLE' });
  });

  it('is BLOB_UNAVAILABLE when the name cannot be resolved', () =>
    assert.rejects(read('/image', { allowHosts: ['*'] }, 'http://name.invalid'), { code: 'BLOB_UNAVAILABLE' }));

  it('tells a host from which no answer comes from one that answers with an error', async () => {
    const unanswered = async (path: string, origin?: string) => {
      const error: unknown = await read(path, { timeoutMs: 100 }, origin).catch((thrown: unknown) => thrown);
      return error instanceof UnansweredError;
    };
    for (const path of ['/silent', '/slow', '/cut', '/502', '/504']) assert.ok(await unanswered(path), path);
    for (const path of ['/500', '/503', '/429', '/404', '/403']) assert.ok(!(await unanswered(path)), path);
    await server.close();
    assert.ok(await unanswered('/image'));
  });

  it('tells which host gave no answer: that of the reference, or one to which it redirects', async () => {
    const blamed = async (path: string) => {
      const error: unknown = await read(path, { timeoutMs: 100 }).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof UnansweredError, path);
      return [error.elsewhere, /"(.*?)"/.exec(error.message)?.[1]];
    };
    for (const path of ['/silent', '/aside']) assert.deepEqual(await blamed(path), [false, '127.0.0.1'], path);
    for (const path of ['/astray', '/astray-504']) assert.deepEqual(await blamed(path), [true, 'localhost'], path);
  });

  it('does not ask for too large a blob', async () => {
    await assert.rejects(read('/image', { maxBytes: 5 }), { code: 'BLOB_TOO_LARGE' });
    assert.deepEqual(requests, []);
  });

  it('reads by name from a host that may be private', async () => {
    assert.ok(bytes.equals(await read('/image', {}, `http://localhost:${server.port}`)));
    assert.ok(bytes.equals(await read('/image', { allowHosts: ['LOCALHOST'] }, `http://LocalHost:${server.port}`)));
  });

  const refused: [string, Partial<HttpBlobsOptions>, (port: number) => string][] = [
    ['a host that is not named', { allowHosts: ['example.com'] }, (port) => `http://127.0.0.1:${port}`],
    ['every host where none is named', { allowHosts: [] }, (port) => `http://127.0.0.1:${port}`],
    ['a private address', { allowPrivate: false }, (port) => `http://127.0.0.1:${port}`],
    ['a private address written as a number', { allowPrivate: false }, (port) => `http://2130706433:${port}`],
    ['a mapped address', { allowHosts: ['*'], allowPrivate: false }, (port) => `http://[::ffff:127.0.0.1]:${port}`],
    ['a name of a private address', { allowPrivate: false }, (port) => `http://localhost:${port}`],
    ['a private address where only * allows it', { allowHosts: ['*'] }, (port) => `http://127.0.0.1:${port}`],
    ['a name of a private address where only * allows it', { allowHosts: ['*'] }, (port) => `http://localhost:${port}`],
    ['credentials', {}, (port) => `http://user:word@127.0.0.1:${port}`],
  ];
  for (const [name, options, origin] of refused) {
    it(`forbids ${name}, without a request`, async () => {
      await assert.rejects(read('/image', options, origin(server.port)), { code: 'BLOB_FORBIDDEN' });
      assert.deepEqual(requests, []);
    });
  }

  it('repeats no more of a host than tells which one it is', async () => {
    const origin = `http://${'a'.repeat(2 ** 20)}.test`;
    for (const [allowHosts, code] of [
      [[], 'BLOB_FORBIDDEN'],
      [['*'], 'BLOB_UNAVAILABLE'],
    ] as const) {
      const isShort = (error: OrdoError) => error.code === code && error.message.length < 600;
      await assert.rejects(read('/image', { allowHosts }, origin), isShort);
    }
  });

  it('keeps the path and query of a URL out of its messages', async () => {
    await assert.rejects(read('/403?signature=secret'), ({ message }) => !message.includes('secret'));
    await assert.rejects(
      read('/silent?signature=secret', { timeoutMs: 50 }),
      ({ message }) => !message.includes('secret'),
    );
  });
});

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location }).end();
}
