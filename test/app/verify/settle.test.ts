import assert from 'node:assert/strict';
import type { PartitionLag } from '../../../src/app/lag.ts';
import { settled } from '../../../src/app/verify/settle.ts';

const at = (end: number, lag: number): PartitionLag[] => [{ topic: 't', partition: 0, start: 0, end, lag }];

/** Looks that find one thing after the other, and the last again and again. */
function looks(...found: PartitionLag[][]) {
  const looked = { times: 0 };
  const look = async () => found[Math.min(looked.times++, found.length - 1)] ?? [];
  return { look, looked };
}

const options = { everyMs: 1, idleMs: 60, signal: new AbortController().signal };

describe('settled', () => {
  it('is true once two looks find nothing to do and the same ends', async () => {
    const { look, looked } = looks(at(1, 1), at(1, 0), at(3, 0), at(3, 1), at(3, 0), at(3, 0));
    assert.equal(await settled(look, options), true);
    assert.equal(looked.times, 6);
  });

  it('is false when work is left and nothing moves', async () => {
    const { look } = looks(at(5, 4), at(5, 3));
    assert.equal(await settled(look, options), false);
  });

  it('goes on as long as something moves', async () => {
    const steps = Array.from({ length: 100 }, (_, step) => at(100, 100 - step));
    const { look } = looks(...steps, at(100, 0), at(100, 0));
    assert.equal(await settled(look, options), true);
  });
});
