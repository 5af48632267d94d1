import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { loadPipeline } from '../../src/app/load-pipeline.ts';
import { pipelineJsonSchema } from '../../src/app/pipeline-schema.ts';
import { pipelineFile } from '../support/pipeline-file.ts';
import { TINY_MODEL } from '../support/tiny.ts';

const shipped = fileURLToPath(new URL('../../pipelines/traffic-signs.yaml', import.meta.url));
const schemaFile = fileURLToPath(new URL('../../schemas/pipeline.schema.json', import.meta.url));

describe('loadPipeline', () => {
  const { path, load, problems } = pipelineFile();

  it('needs no more than a name and a model', async () => {
    const spec = await load('name: a\nmodel: m\n');
    assert.deepEqual(spec, {
      name: 'a',
      file: path('p.yaml'),
      model: path('m'),
      modelName: '',
      log: { type: 'sqlite', folder: path('.ordo/a'), sessionTimeoutMs: 10_000 },
      topics: { partitions: 4, retention: { maxBytes: 4 * 2 ** 30, maxAgeMs: 7 * 86_400_000 } },
      images: {
        maxBytes: 20 * 2 ** 20,
        maxPixels: 50_000_000,
        timeoutMs: 10_000,
        decoders: Math.max(1, Math.floor(availableParallelism() / 2)),
        claimCheck: {
          aboveBytes: 256 * 1024,
          folder: path('.ordo/a/blobs'),
          allowFolders: [],
          allowHosts: [],
          allowPrivate: false,
          timeoutMs: 10_000,
        },
      },
      scoring: {
        provider: 'cpu',
        precision: 'fp32',
        deviceId: 0,
        workers: availableParallelism(),
        tileRows: 16,
        maxDelayMs: 5,
        maxImages: 64,
      },
      decision: {
        statistic: 'mean-log-likelihood',
        plan: {
          kind: 'staged',
          screens: [{ prefix: 32, keep: 16 }],
          prefix: 64,
          maxOrders: 8,
          ordersPerRound: 1,
          bound: { errors: 2, floor: 3 },
        },
        temperature: 1,
        top: 5,
      },
      health: { host: '127.0.0.1', port: 9464, names: [] },
    });
  });

  it('reads the pipeline that is shipped', async () => {
    const spec = await loadPipeline(shipped, { env: {} });
    assert.equal(spec.name, 'traffic-signs');
    assert.equal(spec.model, fileURLToPath(new URL('../../models/traffic-signs', import.meta.url)));
    assert.equal(spec.decision.plan.kind, 'staged');
  });

  it('reads sizes, durations and paths in their units', async () => {
    const spec = await load(
      `name: a
model: /abs
log: { folder: ../log, sessionTimeout: 1.5s }
topics: { retention: { maxAge: 2h } }
images:
  maxBytes: 1000
  decoders: 3
  maxAge: 3 m
  claimCheck: { above: 1.5MB, folder: b, allowFolders: [c, /d], allowHosts: ['*'], allowPrivate: true, timeout: 7ms }
scoring: { workers: 3, maxDelay: 0ms }
decision: { plan: { kind: fixed, orders: 2 }, priors: [0.25, 0.75] }
`,
    );
    assert.deepEqual(spec.log, { type: 'sqlite', folder: path('../log'), sessionTimeoutMs: 1500 });
    assert.deepEqual(spec.topics.retention, { maxAgeMs: 7_200_000 });
    assert.deepEqual(spec.images, {
      maxBytes: 1000,
      maxPixels: 50_000_000,
      timeoutMs: 10_000,
      decoders: 3,
      maxAgeMs: 180_000,
      claimCheck: {
        aboveBytes: 1_500_000,
        folder: path('b'),
        allowFolders: [path('c'), '/d'],
        allowHosts: ['*'],
        allowPrivate: true,
        timeoutMs: 7,
      },
    });
    assert.equal(spec.scoring.workers, 3);
    assert.equal(spec.scoring.maxDelayMs, 0);
    assert.deepEqual(spec.decision.plan, { kind: 'fixed', orders: 2, prefix: 64 });
    assert.deepEqual(spec.decision.priors, [0.25, 0.75]);
  });

  it('keeps records for good when the retention is empty', async () => {
    assert.deepEqual((await load('name: a\nmodel: m\ntopics: { retention: {} }')).topics.retention, {});
  });

  it('takes a load to give up orders at, whose ends are apart', async () => {
    const { load: found } = await load('name: a\nmodel: m\nload: { from: 100, to: 1000 }');
    assert.deepEqual(found, { floor: 1, from: 100, to: 1000 });
    assert.deepEqual(await problems('name: a\nmodel: m\nload: { from: 100, to: 100 }\n'), [
      'p.yaml:3:20: load.to: expected more than load.from (100), got 100',
    ]);
  });

  it('gives an accelerator one worker, and WebGPU no more than that', async () => {
    const { scoring } = await load('name: a\nmodel: m\nscoring: { provider: cuda, deviceId: 1 }');
    assert.deepEqual([scoring.provider, scoring.deviceId, scoring.workers], ['cuda', 1, 1]);
    assert.deepEqual(await problems('name: a\nmodel: m\nscoring: { provider: webgpu, workers: 2 }\n'), [
      'p.yaml:3:30: scoring.workers: expected 1 with webgpu, got 2',
    ]);
  });

  it('reports every problem at once, in order, with line, column and field', async () => {
    const yaml = `name: traffic signs
model: 3
foo: 1
log:
images:
  maxBytes: 3x
  claimCheck:
    above: 0KiB
    allowFolders: [a, 3]
scoring: { workers: x, maxDelay: 5 }
decision:
  plan: { kind: staged, screens: [{ keep: x, prefix: 0 }] }
  temperature: 0
  priors: [.inf]
`;
    assert.deepEqual(await problems(yaml), [
      'p.yaml:1:1: name: expected a name of 1 to 100 letters, digits, - and _, got "traffic signs"',
      'p.yaml:2:1: model: expected a path, got 3',
      'p.yaml:3:1: foo: unknown key; expected one of name, model, log, topics, images, scoring, decision, load, health, tracing',
      'p.yaml:4:1: log: expected a mapping with a type, got nothing',
      'p.yaml:6:3: images.maxBytes: expected a size above zero such as 256KiB, 20MiB or a number of bytes, got "3x"',
      'p.yaml:8:5: images.claimCheck.above: expected a size above zero such as 256KiB, 20MiB or a number of bytes, got "0KiB"',
      'p.yaml:9:23: images.claimCheck.allowFolders.1: expected a path, got 3',
      'p.yaml:10:12: scoring.workers: expected "auto" or a whole number from 1 to 1024, got "x"',
      'p.yaml:10:24: scoring.maxDelay: expected a duration such as 5ms or 10s, at most 24d, got 5',
      'p.yaml:12:37: decision.plan.screens.0.keep: expected a whole number of at least 1, got "x"',
      'p.yaml:12:46: decision.plan.screens.0.prefix: expected a whole number of at least 1, got 0',
      'p.yaml:13:3: decision.temperature: expected a number above 0, got 0',
      'p.yaml:14:12: decision.priors.0: expected a number of at least 0, got Infinity',
    ]);
  });

  it('reports a field that is missing at the nearest one around it', async () => {
    assert.deepEqual(await problems('log: {}\ndecision:\n  plan: { orders: 2 }\n'), [
      'p.yaml:1:1: name: expected a name of 1 to 100 letters, digits, - and _, got nothing',
      'p.yaml:1:1: model: expected a path, got nothing',
      'p.yaml:3:3: decision.plan.kind: expected "staged" or "fixed", got nothing',
    ]);
  });

  it('finds fields behind an alias', async () => {
    const yaml = 'name: a\nmodel: m\nimages: &i\n  maxPixels: x\nhealth: *i\n';
    assert.deepEqual(await problems(yaml), [
      'p.yaml:4:3: images.maxPixels: expected a whole number of at least 1, got "x"',
      'p.yaml:4:3: health.maxPixels: unknown key; expected one of host, port, names',
    ]);
  });

  it('reports keys that are there twice beside the other problems', async () => {
    assert.deepEqual(await problems('name: a\nmodel: 3\nname: b\n'), [
      'p.yaml:2:1: model: expected a path, got 3',
      'p.yaml:3:1: Map keys must be unique',
    ]);
  });

  it('takes two equal keys alone for a problem', async () => {
    assert.deepEqual(await problems('name: a\nmodel: m\nname: b\n'), ['p.yaml:3:1: Map keys must be unique']);
  });

  it('reports YAML that cannot be read without guessing at its content', async () => {
    const [line, ...more] = await problems('name: [a\nmodel: m\n');
    assert.match(line ?? '', /^p\.yaml:2:1: Flow sequence/);
    assert.deepEqual(more, []);
  });

  it('reports tags, several documents and alias bombs', async () => {
    assert.deepEqual(await problems('name: !secret a\nmodel: m\n'), ['p.yaml:1:7: Unresolved tag: !secret']);
    assert.match((await problems('name: a\n---\nname: b\n'))[0] ?? '', /^p\.yaml:\d:\d: .*multiple documents/);
    const layers = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
    for (const [inner, outer] of ['ab', 'bc', 'cd', 'de']) {
      layers.push(`${outer}: &${outer} [${Array(10).fill(`*${inner}`).join()}]`);
    }
    assert.match((await problems(layers.join('\n')))[0] ?? '', /^p\.yaml:1:1: Excessive alias count/);
  });

  it('takes an empty file and a list for no pipeline', async () => {
    const keys = 'name, model, log, topics, images, scoring, decision, load, health, tracing';
    assert.deepEqual(await problems(''), [`p.yaml:1:1: expected a mapping of ${keys}, got nothing`]);
    assert.deepEqual(await problems('- a'), [`p.yaml:1:1: expected a mapping of ${keys}, got a list`]);
  });

  it('locates what a further check finds', async () => {
    const yaml = 'name: a\nmodel: m\ndecision:\n  plan:\n    kind: fixed\n    prefix: 7\n';
    const check = () => [
      { path: ['decision', 'plan', 'prefix'], message: 'the model is not read at 7 tokens' },
      { path: ['decision', 'plan', 'orders'], message: 'too many' },
    ];
    assert.deepEqual(await problems(yaml, { check }), [
      'p.yaml:4:3: decision.plan.orders: too many',
      'p.yaml:6:5: decision.plan.prefix: the model is not read at 7 tokens',
    ]);
  });

  it('hands the specification to the check', async () => {
    const seen: string[] = [];
    await load('name: a\nmodel: m\n', {
      check: async (spec) => {
        seen.push(spec.name);
        return [];
      },
    });
    assert.deepEqual(seen, ['a']);
  });

  it('takes the endpoint for traces from the environment before the file', async () => {
    const yaml = 'name: a\nmodel: m\ntracing: { endpoint: "http://file:4318" }\n';
    assert.deepEqual((await load(yaml)).tracing, { endpoint: 'http://file:4318' });
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://env:4318' };
    assert.deepEqual((await load(yaml, { env })).tracing, { endpoint: 'http://env:4318' });
    assert.deepEqual((await load('name: a\nmodel: m\n', { env })).tracing, { endpoint: 'http://env:4318' });
  });

  it('refuses an endpoint of the environment that is no URL', async () => {
    for (const text of ['collector', 'collector:4318', 'ftp://collector']) {
      const loading = load('name: a\nmodel: m\n', { env: { OTEL_EXPORTER_OTLP_ENDPOINT: text } });
      const message = `OTEL_EXPORTER_OTLP_ENDPOINT: expected an http: or https: URL, got "${text}"`;
      await assert.rejects(loading, { code: 'PIPELINE_INVALID', message });
    }
  });

  it('refuses waits that are longer than a timer can be', async () => {
    const yaml = (timeout: string) => `name: a\nmodel: m\nimages: { claimCheck: { timeout: ${timeout} } }\n`;
    assert.equal((await load(yaml('24d'))).images.claimCheck.timeoutMs, 24 * 86_400_000);
    assert.deepEqual(await problems(yaml('25d')), [
      'p.yaml:3:25: images.claimCheck.timeout: expected a duration above zero such as 5ms or 10s, at most 24d, got "25d"',
    ]);
  });

  it('refuses to let images travel inline that no record of the log has room for', async () => {
    const yaml = (log: string, above: number) => `name: a
model: m
log: ${log}
images:
  claimCheck: { above: ${above} }
`;
    const sqlite = '{ type: sqlite }';
    const most = 8 * 2 ** 20 - 64 * 1024;
    assert.equal((await load(yaml(sqlite, most))).images.claimCheck.aboveBytes, most);
    assert.deepEqual(await problems(yaml(sqlite, most + 1)), [
      `p.yaml:5:17: images.claimCheck.above: expected at most ${most} bytes, for the embedded log takes records of up to 8388608, got ${most + 1}`,
    ]);
    const kafka = '{ type: kafka, brokers: ["a:1"], maxRecord: 100KiB }';
    assert.equal((await load(yaml(kafka, 36 * 1024))).images.claimCheck.aboveBytes, 36 * 1024);
    assert.deepEqual(await problems(yaml(kafka, 36 * 1024 + 1)), [
      'p.yaml:5:17: images.claimCheck.above: expected at most log.maxRecord less 65536 bytes, got 36865',
    ]);
  });

  it('reads whole orders of a model with few tokens, where it leaves open how far', async () => {
    const { plan } = (await load(`name: a\nmodel: ${TINY_MODEL}\n`)).decision;
    assert.equal(plan.prefix, 16);
    assert.deepEqual(plan.kind === 'staged' && plan.screens.map(({ prefix }) => prefix), [16]);
  });

  it('takes brokers from the environment before the file, unless they are none', async () => {
    const yaml = 'name: a\nmodel: m\nlog: { type: kafka, brokers: ["file:9092"] }\n';
    const brokers = async (text: string) => {
      const { log } = await load(yaml, { env: { KAFKA_BROKERS: text } });
      return log.type === 'kafka' && log.brokers;
    };
    assert.deepEqual(await brokers('env-1:9092, env-2:9092'), ['env-1:9092', 'env-2:9092']);
    assert.deepEqual(await brokers(' '), ['file:9092']);
    await assert.rejects(brokers('env-1:9092,env-2'), {
      code: 'PIPELINE_INVALID',
      message: /^KAFKA_BROKERS: .*"env-2"$/,
    });
  });

  it('tells a file that is not there from one that cannot be read', async () => {
    await assert.rejects(loadPipeline(path('none.yaml')), {
      code: 'PIPELINE_NOT_FOUND',
      message: /is not there$/,
    });
    await assert.rejects(loadPipeline(path('.')), { code: 'PIPELINE_NOT_FOUND', message: /cannot be read$/ });
  });
});

describe('pipelineJsonSchema', () => {
  it('is what schemas/pipeline.schema.json holds', async () => {
    assert.deepEqual(JSON.parse(await readFile(schemaFile, 'utf8')), JSON.parse(JSON.stringify(pipelineJsonSchema())));
  });
});
