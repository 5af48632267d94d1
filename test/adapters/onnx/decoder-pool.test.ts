import assert from 'node:assert/strict';
import type { Decoder, DecoderOutcome } from '../../../src/adapters/onnx/decoder-child.ts';
import { DecoderPool, type DecoderPoolOptions } from '../../../src/adapters/onnx/decoder-pool.ts';
import { OrdoError } from '../../../src/errors.ts';

const TOKENS: DecoderOutcome = {
  kind: 'tokens',
  image: { tokens: Uint16Array.of(1, 2), digest: new Uint8Array(32), format: 'png', width: 1, height: 1 },
  memoryBytes: 100,
};
const DIED: DecoderOutcome = { kind: 'died' };
const LATE: DecoderOutcome = { kind: 'late' };
const REFUSED: DecoderOutcome = { kind: 'failure', code: 'IMAGE_CORRUPT', message: 'broken', memoryBytes: 100 };

const image = (id: number) => Uint8Array.of(id);

/** Decoders that exist in memory only: each image ends as the next of its outcomes says, or waits to be told. */
class Troupe {
  started = 0;
  stopped = 0;
  /** Whether stopping a decoder fails. */
  stuck = false;
  readonly order: number[] = [];
  readonly #gone = new Set<number>();
  #tell = new Map<number, (outcome: DecoderOutcome) => void>();
  readonly #script: Record<number, DecoderOutcome[]>;

  constructor(script: Record<number, DecoderOutcome[]> = {}) {
    this.#script = script;
  }

  start = (): Promise<Decoder> => {
    const number = ++this.started;
    let end: (outcome: DecoderOutcome) => void = () => {};
    return Promise.resolve({
      decode: ([id = 0]) => {
        this.order.push(id);
        const next = this.#gone.has(number) ? DIED : this.#script[id]?.shift();
        if (next) return Promise.resolve(next);
        return new Promise((resolve) => {
          end = resolve;
          this.#tell.set(id, resolve);
        });
      },
      isGone: () => this.#gone.has(number),
      stop: () => {
        this.stopped += 1;
        end(DIED);
        return this.stuck ? Promise.reject(new Error('stuck')) : Promise.resolve();
      },
    });
  };

  /** Ends all decoders there are while they have nothing to do. */
  dieIdle(): void {
    for (let number = 1; number <= this.started; number++) this.#gone.add(number);
  }

  finish(id: number, outcome: DecoderOutcome = TOKENS): void {
    this.#tell.get(id)?.(outcome);
  }

  open(options: Partial<DecoderPoolOptions> = {}): Promise<DecoderPool> {
    return DecoderPool.open({ start: this.start, processes: 1, timeoutMs: 1000, recycleBytes: 1000, ...options });
  }
}

describe('DecoderPool', () => {
  it('starts every process when it opens', async () => {
    const troupe = new Troupe();
    await troupe.open({ processes: 3 });
    assert.equal(troupe.started, 3);
  });

  it('gives each process one image at a time, first in, first out', async () => {
    const troupe = new Troupe();
    const pool = await troupe.open({ processes: 2 });
    const results = [1, 2, 3, 4].map((id) => pool.decode(image(id)));
    await turn();
    assert.deepEqual(troupe.order, [1, 2]);
    troupe.finish(2);
    await results[1];
    await turn();
    assert.deepEqual(troupe.order, [1, 2, 3]);
    for (const id of [3, 1]) troupe.finish(id);
    await turn();
    troupe.finish(4);
    await Promise.all(results);
    assert.deepEqual(troupe.order, [1, 2, 3, 4]);
  });

  it('passes on why an image was refused, and keeps the process', async () => {
    const troupe = new Troupe({ 1: [REFUSED], 2: [TOKENS] });
    const pool = await troupe.open();
    await assert.rejects(pool.decode(image(1)), { code: 'IMAGE_CORRUPT', message: 'broken' });
    await pool.decode(image(2));
    assert.equal(troupe.started, 1);
  });

  it('tries an image again when its process died', async () => {
    const troupe = new Troupe({ 1: [DIED, DIED, TOKENS] });
    const pool = await troupe.open();
    const { tokens } = await pool.decode(image(1));
    assert.deepEqual([...tokens], [1, 2]);
    assert.equal(troupe.started, 3);
  });

  it('gives an image up when three processes died on it, and goes on', async () => {
    const troupe = new Troupe({ 1: [DIED, DIED, DIED, TOKENS], 2: [TOKENS] });
    const pool = await troupe.open();
    await assert.rejects(pool.decode(image(1)), { code: 'IMAGE_CRASHED_DECODER' });
    await pool.decode(image(2));
    assert.deepEqual(troupe.order, [1, 1, 1, 2]);
  });

  it('does not charge an image with a process that died before the image came', async () => {
    const troupe = new Troupe({ 1: [DIED, DIED, TOKENS] });
    const pool = await troupe.open();
    troupe.dieIdle();
    const { tokens } = await pool.decode(image(1));
    assert.deepEqual([...tokens], [1, 2]);
    assert.deepEqual([troupe.order, troupe.started], [[1, 1, 1], 4]);
  });

  it('does not try an image again that took too long, and replaces its process', async () => {
    const troupe = new Troupe({ 1: [LATE, TOKENS], 2: [TOKENS] });
    const pool = await troupe.open();
    await assert.rejects(pool.decode(image(1)), { code: 'IMAGE_TIMEOUT', message: /1000 ms/ });
    await pool.decode(image(2));
    assert.deepEqual([troupe.order, troupe.started], [[1, 2], 2]);
  });

  it('replaces a process that has outgrown its bound, after the image', async () => {
    const troupe = new Troupe({
      1: [{ ...TOKENS, memoryBytes: 1001 }],
      2: [{ ...TOKENS, memoryBytes: 1000 }],
      3: [TOKENS],
    });
    const pool = await troupe.open();
    for (const id of [1, 2, 3]) await pool.decode(image(id));
    assert.deepEqual([troupe.started, troupe.stopped], [2, 1]);
  });

  it('goes on when a process that has outgrown its bound cannot be stopped', async () => {
    const troupe = new Troupe({ 1: [{ ...TOKENS, memoryBytes: 1001 }], 2: [TOKENS] });
    troupe.stuck = true;
    const unhandled: unknown[] = [];
    const note = (error: unknown) => void unhandled.push(error);
    process.on('unhandledRejection', note);
    const pool = await troupe.open();
    await Promise.all([1, 2].map((id) => pool.decode(image(id))));
    await turn();
    process.off('unhandledRejection', note);
    assert.deepEqual([unhandled, troupe.started, troupe.stopped], [[], 2, 1]);
  });

  it('does not blame an image when no process can be started', async () => {
    const troupe = new Troupe({ 1: [DIED, TOKENS] });
    let starts = 0;
    const start = () => (++starts === 2 ? Promise.reject(new OrdoError('MODEL_INVALID', 'gone')) : troupe.start());
    const pool = await troupe.open({ start });
    await assert.rejects(pool.decode(image(1)), { code: 'DECODER_UNAVAILABLE' });
    await pool.decode(image(1));
  });

  it('rejects as the first process does when it opens, and leaves none behind', async () => {
    const troupe = new Troupe();
    let starts = 0;
    const start = () => (++starts === 2 ? Promise.reject(new OrdoError('MODEL_INVALID', 'no graph')) : troupe.start());
    await assert.rejects(troupe.open({ start, processes: 3 }), { code: 'MODEL_INVALID' });
    assert.deepEqual([troupe.started, troupe.stopped], [2, 2]);
  });

  it('rejects what is queued, in work or new when it is closed', async () => {
    const troupe = new Troupe();
    const pool = await troupe.open();
    const results = [1, 2].map((id) => pool.decode(image(id)));
    const rejected = Promise.all(results.map((result) => assert.rejects(result, { code: 'STOPPED' })));
    await turn();
    await pool.close();
    await rejected;
    await assert.rejects(pool.decode(image(3)), { code: 'STOPPED' });
    assert.deepEqual([troupe.order, troupe.started, troupe.stopped], [[1], 1, 1]);
    await pool.close();
  });

  it('leaves no process behind that was being started when it closed', async () => {
    const troupe = new Troupe({ 1: [DIED] });
    let go: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    let starts = 0;
    const start = async () => {
      if (++starts === 2) await gate;
      return troupe.start();
    };
    const pool = await troupe.open({ start });
    const rejected = assert.rejects(pool.decode(image(1)), { code: 'STOPPED' });
    await turn();
    const closed = pool.close();
    go();
    await Promise.all([rejected, closed]);
    assert.deepEqual([troupe.started, troupe.stopped], [2, 1]);
  });
});

/** Lets everything that is ready run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
