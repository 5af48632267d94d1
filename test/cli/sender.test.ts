import assert from 'node:assert/strict';
import type { ImageInput } from '../../src/app/producer.ts';
import { Sender } from '../../src/cli/sender.ts';

const input = (id: string) => ({ file: id, source: 'urn:x', id, stream: 's', attributes: { path: id } });

function recorder() {
  const batches: ImageInput[][] = [];
  return { batches, producer: { send: async (images: readonly ImageInput[]) => void batches.push([...images]) } };
}

describe('Sender', () => {
  it('sends full batches as they fill and the rest when flushed', async () => {
    const { batches, producer } = recorder();
    const sender = new Sender(producer, undefined, new AbortController().signal);
    for (let i = 0; i < 70; i++) await sender.add(input(String(i)), new Uint8Array(10));
    assert.deepEqual(
      batches.map((batch) => batch.length),
      [64],
    );
    await sender.flush();
    assert.deepEqual(
      batches.flat().map(({ id }) => id),
      Array.from({ length: 70 }, (_, i) => String(i)),
    );
    assert.deepEqual(sender.sent, { produced: 70, bytes: 700 });
  });

  it('sends a batch early when its bytes are many', async () => {
    const { batches, producer } = recorder();
    const sender = new Sender(producer, undefined, new AbortController().signal);
    for (let i = 0; i < 2; i++) await sender.add(input(String(i)), new Uint8Array(5 * 2 ** 20));
    assert.deepEqual(
      batches.map((batch) => batch.length),
      [2],
    );
  });

  it('sends small batches where a rate is asked for', async () => {
    const { batches, producer } = recorder();
    const stopped = AbortSignal.abort();
    const sender = new Sender(producer, 25, stopped);
    for (let i = 0; i < 7; i++) await sender.add(input(String(i)), new Uint8Array(1));
    assert.deepEqual(
      batches.map((batch) => batch.length),
      [3, 3],
    );
  });

  it('gives an input without an image its turn in the rate', async () => {
    const { batches, producer } = recorder();
    const sender = new Sender(producer, 40, new AbortController().signal);
    const startedAt = performance.now();
    for (let i = 0; i < 6; i++) await sender.skip();
    await sender.add(input('1'), new Uint8Array(1));
    await sender.add(input('2'), new Uint8Array(1));
    assert.ok(performance.now() - startedAt >= 90, 'the second four wait for the first');
    assert.deepEqual(
      batches.map((batch) => batch.map(({ id }) => id)),
      [['1', '2']],
    );
    assert.deepEqual(sender.sent, { produced: 2, bytes: 2 });
  });

  it('counts nothing as produced when sending fails', async () => {
    const sender = new Sender({ send: () => Promise.reject(new Error('full')) }, 1, AbortSignal.abort());
    await assert.rejects(sender.add(input('1'), new Uint8Array(1)), /full/);
    assert.deepEqual(sender.sent, { produced: 0, bytes: 0 });
  });
});
