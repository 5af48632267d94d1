import assert from 'node:assert/strict';
import { atMost } from '../../src/concurrency/at-most.ts';

describe('atMost', () => {
  it('waits for the work, rejects as it does, and waits no longer than it may', async () => {
    let done = false;
    await atMost(
      10_000,
      Promise.resolve().then(() => (done = true)),
    );
    assert.ok(done);
    await assert.rejects(atMost(10_000, Promise.reject(new Error('why'))), /why/);
    await atMost(1, new Promise(() => {}));
  });
});
