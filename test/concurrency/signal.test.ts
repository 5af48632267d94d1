import assert from 'node:assert/strict';
import { Signal } from '../../src/concurrency/signal.ts';

describe('Signal', () => {
  it('does not wait for what holds already', async () => {
    assert.equal(await new Signal().until(() => true), true);
  });

  it('looks again at each raise', async () => {
    const signal = new Signal();
    let looks = 0;
    const done = signal.until(() => ++looks === 3);
    signal.raise();
    await Promise.resolve();
    signal.raise();
    await Promise.resolve();
    assert.equal(await done, true);
    assert.equal(looks, 3);
  });

  it('ends all waits for what came true', async () => {
    const signal = new Signal();
    let open = false;
    const all = Promise.all([1, 2, 3].map(() => signal.until(() => open)));
    open = true;
    signal.raise();
    assert.deepEqual(await all, [true, true, true]);
  });

  it('gives up after the time given', async () => {
    assert.equal(await new Signal().until(() => false, 5), false);
  });
});
