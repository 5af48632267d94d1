import assert from 'node:assert/strict';
import { within } from '../../../src/adapters/blobs/patience.ts';

describe('within', () => {
  it('gives what the work gives, or its error', async () => {
    assert.equal(await within(10_000, async () => 'bytes'), 'bytes');
    await assert.rejects(
      within(10_000, () => Promise.reject(new Error('other'))),
      /other/,
    );
  });

  it('waits no longer than it may, and drops what comes later', async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    await assert.rejects(
      within(1, () => promise),
      { code: 'BLOB_UNAVAILABLE' },
    );
    reject(new Error('nobody waits for it'));
  });

  it('tells the work that nobody waits any more, and only then', async () => {
    const signals: AbortSignal[] = [];
    const work = (signal: AbortSignal) => {
      signals.push(signal);
      return Promise.withResolvers<never>().promise;
    };
    await within(10_000, async (signal) => void signals.push(signal));
    await assert.rejects(within(1, work), { code: 'BLOB_UNAVAILABLE' });
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [false, true],
    );
  });
});
