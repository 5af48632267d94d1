import assert from 'node:assert/strict';
import { OrdoError } from '../../src/errors.ts';
import { attempt } from '../../src/runtime/attempt.ts';

describe('attempt', () => {
  const pause = { firstMs: 0, mostMs: 0 };

  function failing(times: number, error: Error) {
    let calls = 0;
    return { work: async () => (++calls <= times ? Promise.reject(error) : 'done'), calls: () => calls };
  }

  it('repeats work after passing errors until it succeeds', async () => {
    const { work, calls } = failing(20, new OrdoError('SCORER_FAILED', 'busy'));
    const retries: number[] = [];
    const options = {
      signal: new AbortController().signal,
      pause,
      onRetry: (_: OrdoError, n: number) => retries.push(n),
    };
    assert.equal(await attempt(work, options), 'done');
    assert.equal(calls(), 21);
    assert.equal(retries.length, 20);
  });

  it('gives up at once on an error that will not pass', async () => {
    const { work, calls } = failing(1, new OrdoError('IMAGE_CORRUPT', 'cut'));
    const options = { signal: new AbortController().signal, pause, onRetry: () => {} };
    await assert.rejects(attempt(work, options), { code: 'IMAGE_CORRUPT' });
    assert.equal(calls(), 1);
  });

  it('gives up on a storage that stays away, since only that record needs it', async () => {
    const { work, calls } = failing(100, new OrdoError('BLOB_UNAVAILABLE', 'away'));
    const options = { signal: new AbortController().signal, pause, onRetry: () => {} };
    await assert.rejects(attempt(work, options), { code: 'BLOB_UNAVAILABLE' });
    assert.equal(calls(), 8);
  });

  it('calls an error without a code INTERNAL and keeps it as the cause', async () => {
    const bug = new TypeError('x is not a function');
    const options = { signal: new AbortController().signal, pause, onRetry: () => {} };
    await assert.rejects(attempt(failing(1, bug).work, options), { code: 'INTERNAL', cause: bug });
  });

  it('ends with STOPPED when it is stopped between attempts', async () => {
    const stop = new AbortController();
    const { work } = failing(100, new OrdoError('LOG_FULL', 'full'));
    const options = { signal: stop.signal, pause: { firstMs: 60_000, mostMs: 60_000 }, onRetry: () => stop.abort() };
    await assert.rejects(attempt(work, options), { code: 'STOPPED' });
  });

  it('ends with STOPPED when the work is wanted no more', async () => {
    const { work, calls } = failing(100, new OrdoError('MODEL_MISMATCH', 'another model'));
    const options = { signal: new AbortController().signal, pause, onRetry: () => {}, isWanted: () => calls() < 3 };
    await assert.rejects(attempt(work, options), { code: 'STOPPED' });
    assert.equal(calls(), 3);
  });
});
