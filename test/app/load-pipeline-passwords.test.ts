import assert from 'node:assert/strict';
import { pipelineFile } from '../support/pipeline-file.ts';

describe('loadPipeline, where a URL holds a password', () => {
  const { load, problems } = pipelineFile();

  it('leaves a password for the receiver of traces in the environment', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://key:secret@env:4318' };
    const spec = await load('name: a\nmodel: m\n', { env });
    assert.deepEqual(spec.tracing, { endpoint: { env: 'OTEL_EXPORTER_OTLP_ENDPOINT' } });
  });

  it('refuses a password in a URL of the file, and does not repeat it', async () => {
    const s3 = 'images: { claimCheck: { s3: { bucket: abc, endpoint: "https://key:secret@s3" } } }';
    for (const url of ['https://key:secret@file:4318', 'https://key@file:4318', 'https://:secret@file:4318']) {
      assert.deepEqual(await problems(`name: a\nmodel: m\n${s3}\ntracing: { endpoint: "${url}" }\n`), [
        'p.yaml:3:44: images.claimCheck.s3.endpoint: expected an http: or https: URL without user and password, got a text that may hold a password',
        'p.yaml:4:12: tracing.endpoint: expected an http: or https: URL without user and password (OTEL_EXPORTER_OTLP_HEADERS can hold a header for it), got a text that may hold a password',
      ]);
    }
  });

  it('does not repeat what may hold a password though it is no URL', async () => {
    for (const text of [
      'ftp://key:secret@collector',
      'https:key:secret@collector',
      'https://key:sec ret@collector:x',
    ]) {
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: text };
      const what = 'expected an http: or https: URL, got a text that may hold a password';
      assert.deepEqual(await problems('name: a\nmodel: m\n', { env }), [`OTEL_EXPORTER_OTLP_ENDPOINT: ${what}`]);
      const yaml = `name: a\nmodel: m\ntracing: { endpoint: "${text}" }\n`;
      assert.deepEqual(await problems(yaml), [`p.yaml:3:12: tracing.endpoint: ${what}`]);
    }
  });
});
