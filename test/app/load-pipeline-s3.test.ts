import assert from 'node:assert/strict';
import { pipelineFile } from '../support/pipeline-file.ts';

describe('loadPipeline, of S3', () => {
  const { path, load, problems } = pipelineFile();

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
      credentials: { accessKeyId: { env: 'ID' }, secretAccessKey: { file: path('secrets/key') } },
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
});
