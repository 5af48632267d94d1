import assert from 'node:assert/strict';
import { decoderEnvironment } from '../../../src/adapters/onnx/decoder-environment.ts';

describe('decoderEnvironment', () => {
  it('keeps what libraries and allocators go by', () => {
    const kept = {
      Path: 'bin',
      SystemRoot: 'windows',
      TMPDIR: '/tmp',
      LC_ALL: 'C',
      LD_LIBRARY_PATH: 'lib',
      MALLOC_ARENA_MAX: '2',
      ORT_DISABLE_TELEMETRY: '1',
    };
    assert.deepEqual(decoderEnvironment(kept), kept);
  });

  it('leaves out all else, whatever it begins with', () => {
    const secrets = [
      'ORDO_S3_SECRET_ACCESS_KEY',
      'AWS_SESSION_TOKEN',
      'KAFKA_BROKERS',
      'MY_ORT_KEY',
      'PATH_KEY',
      'NODE_OPTIONS',
    ];
    assert.deepEqual(decoderEnvironment(Object.fromEntries(secrets.map((name) => [name, 'secret']))), {});
  });
});
