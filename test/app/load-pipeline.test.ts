import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LoadPipelineOptions, loadPipeline } from '../../src/app/load-pipeline.ts';
import { pipelineJsonSchema } from '../../src/app/pipeline-schema.ts';
import { OrdoError } from '../../src/errors.ts';

const shipped = fileURLToPath(new URL('../../pipelines/traffic-signs.yaml', import.meta.url));
const schemaFile = fileURLToPath(new URL('../../schemas/pipeline.schema.json', import.meta.url));

describe('loadPipeline', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ordo-pipeline-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function load(yaml: string, options: LoadPipelineOptions = { env: {} }) {
    const file = join(folder, 'p.yaml');
    await writeFile(file, yaml);
    return await loadPipeline(file, options);
  }

  /** The problems reported, without the file's folder. */
  async function problems(yaml: string, options?: LoadPipelineOptions): Promise<string[]> {
    const error = await load(yaml, options).then(
      () => assert.fail('the pipeline was accepted'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof OrdoError);
    assert.equal(error.code, 'PIPELINE_INVALID');
    return error.message.split('\n').map((line) => line.replace(`${folder}/`, ''));
  }

  it('needs no more than a name and a model', async () => {
    const spec = await load('name: a\nmodel: m\n');
    assert.deepEqual(spec, {
      name: 'a',
      file: join(folder, 'p.yaml'),
      model: join(folder, 'm'),
      modelName: '',
      log: { type: 'sqlite', folder: join(folder, '.ordo/a'), sessionTimeoutMs: 10_000 },
      topics: { partitions: 4, retention: { maxBytes: 4 * 2 ** 30, maxAgeMs: 7 * 86_400_000 } },
      images: {
        maxBytes: 20 * 2 ** 20,
        maxPixels: 50_000_000,
        timeoutMs: 10_000,
        claimCheck: {
          aboveBytes: 256 * 1024,
          folder: join(folder, '.ordo/a/blobs'),
          allowFolders: [],
          allowHosts: [],
          allowPrivate: false,
          timeoutMs: 10_000,
        },
      },
      scoring: { provider: 'cpu', workers: availableParallelism(), tileRows: 16, maxDelayMs: 5, maxImages: 64 },
      decision: {
        statistic: 'mean-log-likelihood',
        plan: {
          kind: 'staged',
          screen: { prefix: 32, keep: 16 },
          prefix: 64,
          maxOrders: 8,
          ordersPerRound: 1,
          bound: { errors: 2, floor: 3 },
        },
        temperature: 1,
        top: 5,
      },
      health: { host: '127.0.0.1', port: 9464 },
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
  maxAge: 3 m
  claimCheck: { above: 1.5MB, folder: b, allowFolders: [c, /d], allowHosts: ['*'], allowPrivate: true, timeout: 7ms }
scoring: { workers: 3, maxDelay: 0ms }
decision: { plan: { kind: fixed, orders: 2 }, priors: [0.25, 0.75] }
`,
    );
    assert.deepEqual(spec.log, { type: 'sqlite', folder: join(folder, '../log'), sessionTimeoutMs: 1500 });
    assert.deepEqual(spec.topics.retention, { maxAgeMs: 7_200_000 });
    assert.deepEqual(spec.images, {
      maxBytes: 1000,
      maxPixels: 50_000_000,
      timeoutMs: 10_000,
      maxAgeMs: 180_000,
      claimCheck: {
        aboveBytes: 1_500_000,
        folder: join(folder, 'b'),
        allowFolders: [join(folder, 'c'), '/d'],
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

  it('fills in what S3 needs', async () => {
    const s3 = async (fields: string) =>
      (await load(`name: a\nmodel: m\nimages: { claimCheck: { s3: { ${fields} } } }\n`)).images.claimCheck.s3;
    assert.deepEqual(await s3('bucket: images'), { bucket: 'images', prefix: '', pathStyle: false, allowBuckets: [] });
    assert.deepEqual(
      await s3('bucket: images, prefix: a/b, endpoint: "http://minio:9000", allowBuckets: [photos, other/e/]'),
      {
        bucket: 'images',
        prefix: 'a/b/',
        region: 'us-east-1',
        endpoint: 'http://minio:9000',
        pathStyle: true,
        allowBuckets: ['photos/', 'other/e/'],
      },
    );
    const secrets = 'accessKeyId: { env: ID }, secretAccessKey: { file: secrets/key }';
    assert.deepEqual(await s3(`bucket: images, prefix: a/, region: eu-west-1, pathStyle: true, ${secrets}`), {
      bucket: 'images',
      prefix: 'a/',
      region: 'eu-west-1',
      pathStyle: true,
      credentials: { accessKeyId: { env: 'ID' }, secretAccessKey: { file: join(folder, 'secrets/key') } },
      allowBuckets: [],
    });
  });

  it('reports what S3 cannot be', async () => {
    const yaml = `name: a
model: m
images:
  claimCheck:
    s3:
      bucket: a/b
      prefix: ../c
      endpoint: minio:9000
      pathStyle: 1
      allowBuckets: [images, photos/../e]
      key: x
`;
    assert.deepEqual(await problems(yaml), [
      'p.yaml:6:7: images.claimCheck.s3.bucket: expected the name of a bucket, got "a/b"',
      'p.yaml:7:7: images.claimCheck.s3.prefix: expected a key prefix such as ordo/blobs, got "../c"',
      'p.yaml:8:7: images.claimCheck.s3.endpoint: expected an http: or https: URL, got "minio:9000"',
      'p.yaml:9:7: images.claimCheck.s3.pathStyle: expected true or false, got 1',
      'p.yaml:10:30: images.claimCheck.s3.allowBuckets.1: expected a bucket, or bucket/prefix, got "photos/../e"',
      'p.yaml:11:7: images.claimCheck.s3.key: unknown key; expected one of bucket, prefix, region, endpoint, pathStyle, accessKeyId, secretAccessKey, allowBuckets',
    ]);
    assert.deepEqual(
      await problems('name: a\nmodel: m\nimages: { claimCheck: { s3: { bucket: images, accessKeyId: { env: A } } } }'),
      ['p.yaml:3:25: images.claimCheck.s3: expected accessKeyId and secretAccessKey together, got a mapping'],
    );
  });

  for (const secret of [
    'hunter2',
    '2',
    '[hunter2]',
    '{ env: hunter/2 }',
    '{ value: hunter2 }',
    '{ env: A, file: hunter2 }',
  ]) {
    it(`does not repeat what stands in place of a reference to a secret: ${secret}`, async () => {
      const yaml = `name: a\nmodel: m\nimages:\n  claimCheck:\n    s3: { bucket: images, accessKeyId: ${secret}, secretAccessKey: { env: A } }`;
      const [problem = '', ...others] = await problems(yaml);
      assert.match(
        problem,
        /^p.yaml:5:27: images.claimCheck.s3.accessKeyId: expected \{ env: NAME \} or \{ file: PATH \}, got a/,
      );
      assert.ok(!problem.includes('hunter'));
      assert.deepEqual(others, []);
    });
  }

  it('keeps records for good when the retention is empty', async () => {
    assert.deepEqual((await load('name: a\nmodel: m\ntopics: { retention: {} }')).topics.retention, {});
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
  plan: { kind: staged, screen: { keep: x, prefix: 0 } }
  temperature: 0
  priors: [.inf]
`;
    assert.deepEqual(await problems(yaml), [
      'p.yaml:1:1: name: expected a name of 1 to 100 letters, digits, - and _, got "traffic signs"',
      'p.yaml:2:1: model: expected a path, got 3',
      'p.yaml:3:1: foo: unknown key; expected one of name, model, log, topics, images, scoring, decision, health, tracing',
      'p.yaml:4:1: log: expected a mapping with a type, got nothing',
      'p.yaml:6:3: images.maxBytes: expected a size above zero such as 256KiB, 20MiB or a number of bytes, got "3x"',
      'p.yaml:8:5: images.claimCheck.above: expected a size above zero such as 256KiB, 20MiB or a number of bytes, got "0KiB"',
      'p.yaml:9:23: images.claimCheck.allowFolders.1: expected a path, got 3',
      'p.yaml:10:12: scoring.workers: expected "auto" or a whole number from 1 to 1024, got "x"',
      'p.yaml:10:24: scoring.maxDelay: expected a duration such as 5ms, 10s or 7d, got 5',
      'p.yaml:12:35: decision.plan.screen.keep: expected a whole number of at least 1, got "x"',
      'p.yaml:12:44: decision.plan.screen.prefix: expected a whole number of at least 1, got 0',
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
      'p.yaml:4:3: health.maxPixels: unknown key; expected one of host, port',
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
    const keys = 'name, model, log, topics, images, scoring, decision, health, tracing';
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

  it('tells a file that is not there from one that cannot be read', async () => {
    await assert.rejects(loadPipeline(join(folder, 'none.yaml')), {
      code: 'PIPELINE_NOT_FOUND',
      message: /is not there$/,
    });
    await assert.rejects(loadPipeline(folder), { code: 'PIPELINE_NOT_FOUND', message: /cannot be read$/ });
  });
});

describe('pipelineJsonSchema', () => {
  it('is what schemas/pipeline.schema.json holds', async () => {
    assert.deepEqual(JSON.parse(await readFile(schemaFile, 'utf8')), JSON.parse(JSON.stringify(pipelineJsonSchema())));
  });
});
