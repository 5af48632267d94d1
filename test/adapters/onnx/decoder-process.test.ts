import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { DecoderReply, DecoderSetup } from '../../../src/adapters/onnx/decoder-messages.ts';
import { isDecoderReply } from '../../../src/adapters/onnx/decoder-messages.ts';
import { loadModel } from '../../../src/adapters/onnx/model.ts';
import { drawn, encoded, flat, raster } from '../../support/images-raster.ts';
import { TINY_MODEL } from '../../support/tiny.ts';

const SCRIPT = new URL('../../../src/adapters/onnx/decoder-process.ts', import.meta.url);

describe('the decoder process', () => {
  let child: ChildProcess;

  async function launch(changes: Partial<DecoderSetup> = {}): Promise<DecoderReply> {
    const model = await loadModel(TINY_MODEL);
    const { image, tokens } = model.manifest;
    const limits = { maxBytes: 1 << 24, maxPixels: 1 << 26 };
    const setup: DecoderSetup = {
      image,
      tokens,
      limits,
      encoder: model.graph('encoder.onnx'),
      memoryBytes: 2 ** 40,
      ...changes,
    };
    child = fork(SCRIPT, [JSON.stringify(setup)], { serialization: 'advanced', stdio: 'ignore' });
    return reply();
  }

  async function reply(): Promise<DecoderReply> {
    const [message]: unknown[] = await once(child, 'message');
    assert.ok(isDecoderReply(message));
    return message;
  }

  afterEach(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  });

  it('says that it is ready, then answers with tokens, the digest and what the file held', async () => {
    assert.equal((await launch()).kind, 'ready');
    const bytes = await encoded(raster(20, 12), 'webp');
    child.send(bytes);
    const answer = await reply();
    assert.ok(answer.kind === 'tokens');
    const { tokens, digest, ...file } = answer.image;
    assert.deepEqual(file, { format: 'webp', width: 20, height: 12 });
    assert.equal(Buffer.from(digest).toString('hex'), createHash('sha256').update(bytes).digest('hex'));
    assert.ok(tokens instanceof Uint16Array && tokens.length === 16);
    assert.ok(answer.memoryBytes > 2 ** 20);
  });

  it('answers with the code of what is wrong with an image, and goes on', async () => {
    await launch();
    child.send(Buffer.from('GIF89a'));
    const refusal = await reply();
    assert.ok(refusal.kind === 'failure');
    assert.equal(refusal.code, 'IMAGE_CORRUPT');
    child.send(await encoded(raster(20, 12), 'png'));
    assert.equal((await reply()).kind, 'tokens');
  });

  it('says why it cannot start', async () => {
    const answer = await launch({ tokens: { positions: 17, codes: 16 } });
    assert.ok(answer.kind === 'failure');
    assert.equal(answer.code, 'MODEL_INVALID');
    assert.match(answer.message, /17 int32 tokens/);
  });

  it('does not start with an encoder that was changed since the model was loaded', async () => {
    const { path } = (await loadModel(TINY_MODEL)).graph('encoder.onnx');
    const answer = await launch({ encoder: { path, sha256: 'ab' } });
    assert.ok(answer.kind === 'failure');
    assert.equal(answer.code, 'MODEL_DIGEST_MISMATCH');
  });

  it('leaves signals to whoever started it', async () => {
    await launch();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) child.kill(signal);
    child.send(await encoded(raster(20, 12), 'png'));
    assert.equal((await reply()).kind, 'tokens');
  });

  it('ends when whoever started it is gone', async () => {
    await launch();
    const exited = once(child, 'exit');
    child.disconnect();
    assert.deepEqual(await exited, [0, null]);
  });

  it('ends at once in the middle of an image when whoever started it is gone', async () => {
    await launch();
    const exited = once(child, 'exit');
    const bytes = await slowImage();
    await new Promise((sent) => child.send(bytes, sent));
    child.disconnect();
    assert.deepEqual(await exited, [null, 'SIGKILL']);
  });

  it('kills itself when an image makes it hold more memory than it may', async () => {
    await launch({ memoryBytes: 2 ** 20 });
    const exited = once(child, 'exit');
    child.send(await slowImage());
    assert.deepEqual(await exited, [null, 'SIGKILL']);
  });
});

/** Takes tens of milliseconds to decode, and tens of megabytes: an interlaced PNG is held whole. */
function slowImage(): Promise<Buffer> {
  return drawn(flat(3000, 3000, [9, 9, 9]))
    .png({ progressive: true })
    .toBuffer();
}
