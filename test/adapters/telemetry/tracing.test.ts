import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { startTracing } from '../../../src/adapters/telemetry/tracing.ts';
import { OrdoError } from '../../../src/errors.ts';
import { tellingLogger } from '../../support/silent.ts';

interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  attributes: { key: string; value: Record<string, unknown> }[];
  status: { code?: number; message?: string };
}

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('startTracing', () => {
  let receiver: Server;
  let endpoint: string;
  let spans: OtlpSpan[];
  let services: unknown[];
  let said: string[];
  let asked: IncomingHttpHeaders[];

  beforeEach(async () => {
    [spans, services, said, asked] = [[], [], [], []];
    receiver = createServer((request, response) => {
      assert.equal(request.url, '/v1/traces');
      asked.push(request.headers);
      void text(request).then((body) => {
        collect(JSON.parse(body));
        return response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const address = receiver.address();
    assert.ok(address && typeof address === 'object');
    endpoint = `http://127.0.0.1:${address.port}`;
  });
  afterEach(() => receiver.close());

  function start(to = endpoint, system: 'kafka' | 'sqlite' = 'kafka') {
    const logger = tellingLogger(said);
    return startTracing({ endpoint: to, serviceName: 'ordo-test', system, logger });
  }

  interface OtlpRequest {
    resourceSpans: { resource: { attributes: OtlpSpan['attributes'] }; scopeSpans: { spans: OtlpSpan[] }[] }[];
  }

  function collect({ resourceSpans }: OtlpRequest): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      services.push(attributesOf(resource)['service.name']);
      for (const scope of scopeSpans) spans.push(...scope.spans);
    }
  }

  const attributesOf = ({ attributes }: Pick<OtlpSpan, 'attributes'>) =>
    Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

  const stage = { stage: 'score', topic: 'p.tasks', partition: 3, offset: 12 };

  it('sends spans to the receiver under conventional names', async () => {
    const tracing = await start(`${endpoint}/`);
    tracing.span('score p.tasks', { kind: 'consumer', attributes: stage }).end();
    await tracing.shutdown();
    const [span] = spans;
    assert.ok(span);
    assert.deepEqual([span.name, span.kind, services[0]], ['score p.tasks', 5, 'ordo-test']);
    assert.deepEqual(attributesOf(span), {
      'messaging.system': 'kafka',
      'messaging.operation.type': 'process',
      'messaging.operation.name': 'score',
      'messaging.destination.name': 'p.tasks',
      'messaging.destination.partition.id': '3',
      'messaging.kafka.offset': 12,
    });
  });

  it('gives an offset in the embedded log a name of its own', async () => {
    const tracing = await start(endpoint, 'sqlite');
    tracing.span('score p.tasks', { kind: 'consumer', attributes: stage }).end();
    await tracing.shutdown();
    const { 'messaging.system': system, 'ordo.offset': offset, ...rest } = attributesOf(spans[0] ?? assert.fail());
    assert.deepEqual([system, offset, 'messaging.kafka.offset' in rest], ['sqlite', 12, false]);
  });

  it("continues the record's trace, and hands it on with the span as the parent", async () => {
    const tracing = await start();
    const first = tracing.span('a', { kind: 'consumer', parent: { traceparent: PARENT, tracestate: 'v=1' } });
    const second = tracing.span('b', { kind: 'consumer', parent: first.headers() });
    second.end();
    first.end();
    await tracing.shutdown();
    const byName = Object.fromEntries(spans.map((span) => [span.name, span]));
    assert.equal(byName['a']?.parentSpanId, 'b7ad6b7169203331');
    assert.equal(byName['b']?.parentSpanId, byName['a']?.spanId);
    assert.equal(byName['b']?.traceId, '0af7651916cd43dd8448eb211c80319c');
    assert.equal(second.headers()['tracestate'], 'v=1');
  });

  it('starts a new trace without a parent', async () => {
    const tracing = await start();
    const [one, two] = [tracing.span('a', { kind: 'internal' }), tracing.span('b', { kind: 'internal' })];
    assert.match(one.headers()['traceparent'] ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    assert.notEqual(one.headers()['traceparent']?.slice(3, 35), two.headers()['traceparent']?.slice(3, 35));
    await tracing.shutdown();
  });

  it('marks a span that ends with an error by its code', async () => {
    const tracing = await start();
    tracing.span('a', { kind: 'consumer' }).end(new OrdoError('IMAGE_CORRUPT', 'cut short'));
    await tracing.shutdown();
    assert.ok(spans[0]);
    assert.deepEqual(spans[0].status, { code: 2, message: 'cut short' });
    assert.equal(attributesOf(spans[0])['error.type'], 'IMAGE_CORRUPT');
  });

  it('says the reason of an error in short', async () => {
    const tracing = await start();
    tracing.span('a', { kind: 'consumer' }).end(new OrdoError('IMAGE_CORRUPT', 'x'.repeat(2 ** 20)));
    await tracing.shutdown();
    assert.match(spans[0]?.status.message ?? '', /^x{1000}\.\.\. \(1048576 characters\)$/);
  });

  it('drops spans that nobody takes, says so, and ends all the same', async () => {
    const gone = await start('http://127.0.0.1:1');
    gone.span('a', { kind: 'internal' }).end();
    await gone.shutdown();
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', /^warn: spans are dropped: .*"url":"http:\/\/127\.0\.0\.1:1","reason":"\S/);
  });

  it('sends the password of its endpoint, and tells nobody', async () => {
    const tracing = await start(endpoint.replace('//', '//key:secret@'));
    tracing.span('a', { kind: 'internal' }).end();
    await tracing.shutdown();
    assert.equal(asked[0]?.authorization, `Basic ${Buffer.from('key:secret').toString('base64')}`);
    const gone = await start('http://key:secret@127.0.0.1:1');
    gone.span('a', { kind: 'internal' }).end();
    await gone.shutdown();
    assert.equal(said.length, 1);
    assert.doesNotMatch(said.join(), /key|secret/);
  });

  it('sends the headers of OTEL_EXPORTER_OTLP_HEADERS', async () => {
    process.env['OTEL_EXPORTER_OTLP_HEADERS'] = 'authorization=Bearer%20secret,x-tenant=a';
    try {
      const tracing = await start();
      tracing.span('a', { kind: 'internal' }).end();
      await tracing.shutdown();
      assert.deepEqual([asked[0]?.authorization, asked[0]?.['x-tenant']], ['Bearer secret', 'a']);
    } finally {
      delete process.env['OTEL_EXPORTER_OTLP_HEADERS'];
    }
  });
});
