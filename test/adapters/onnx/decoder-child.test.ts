import assert from 'node:assert/strict';
import { type Decoder, startDecoder } from '../../../src/adapters/onnx/decoder-child.ts';

const SCRIPT = new URL('./decoder-faulty.ts', import.meta.url);
const ANSWER = 0;
const EXIT = 1;
const CRASH = 2;
const HANG = 3;
const NONSENSE = 4;
const ENVIRONMENT = 5;
const FAIL_TO_START = 1;
const DIE_AT_START = 2;

function start(maxBytes = 1000, script = SCRIPT): Promise<Decoder> {
  return startDecoder(script, {
    encoder: { path: '', sha256: '' },
    image: { width: 1, height: 1, fit: 'fill' },
    tokens: { positions: 1, codes: 1 },
    limits: { maxBytes, maxPixels: 1 },
    memoryBytes: 1,
  });
}

/** The process's id, which the faulty decoder tells as a message; undefined when it is gone. */
async function pidOf(decoder: Decoder): Promise<number | undefined> {
  const outcome = await decoder.decode(Uint8Array.of(ANSWER), 10_000);
  return outcome.kind === 'failure' ? Number(outcome.message) : undefined;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a decoder process, seen from its parent', () => {
  let decoder: Decoder;
  let pid: number;

  beforeEach(async () => {
    decoder = await start();
    pid = (await pidOf(decoder)) ?? 0;
    assert.ok(isAlive(pid));
  });
  afterEach(() => decoder.stop());

  it('answers one image after the other', async () => {
    assert.equal(await pidOf(decoder), pid);
    assert.equal(await pidOf(decoder), pid);
  });

  for (const [name, fault] of Object.entries({ exits: EXIT, crashes: CRASH })) {
    it(`is found dead when it ${name}`, async () => {
      assert.deepEqual(await decoder.decode(Uint8Array.of(fault), 10_000), { kind: 'died' });
      assert.deepEqual(await decoder.decode(Uint8Array.of(ANSWER), 10_000), { kind: 'died' });
    });
  }

  it('is found dead when it was killed between two images', async () => {
    assert.equal(decoder.isGone(), false);
    process.kill(pid, 'SIGKILL');
    assert.deepEqual(await decoder.decode(Uint8Array.of(ANSWER), 10_000), { kind: 'died' });
    assert.equal(decoder.isGone(), true);
  });

  it('is killed when it takes too long', async () => {
    assert.deepEqual(await decoder.decode(Uint8Array.of(HANG), 50), { kind: 'late' });
    assert.equal(isAlive(pid), false);
  });

  it('counts as dead, and is killed, when it says what makes no sense', async () => {
    assert.deepEqual(await decoder.decode(Uint8Array.of(NONSENSE), 10_000), { kind: 'died' });
    assert.equal(isAlive(pid), false);
  });

  it('is gone once it was stopped, and may be stopped again', async () => {
    await decoder.stop();
    assert.equal(isAlive(pid), false);
    await decoder.stop();
  });

  it('takes large images', async () => {
    const bytes = new Uint8Array(20 << 20);
    const outcome = await decoder.decode(bytes, 10_000);
    assert.equal(outcome.kind, 'failure');
  });
});

describe('startDecoder', () => {
  it('rejects with what the process says of its start', async () => {
    await assert.rejects(start(FAIL_TO_START), { code: 'MODEL_INVALID', message: 'no graph' });
  });

  it('rejects when the process dies at its start', async () => {
    await assert.rejects(start(DIE_AT_START), { code: 'DECODER_UNAVAILABLE' });
  });

  it('starts a process that holds no secret of its parent', async () => {
    process.env['ORDO_TEST_PASSWORD'] = 'secret';
    const decoder = await start().finally(() => delete process.env['ORDO_TEST_PASSWORD']);
    const outcome = await decoder.decode(Uint8Array.of(ENVIRONMENT), 10_000);
    await decoder.stop();
    const names = outcome.kind === 'failure' ? outcome.message.split(' ') : [];
    assert.ok(names.includes('PATH'));
    assert.ok(!names.includes('ORDO_TEST_PASSWORD'));
  });

  it('rejects when there is no such script', async () => {
    await assert.rejects(start(1000, new URL('./absent.ts', import.meta.url)), { code: 'DECODER_UNAVAILABLE' });
  });
});
