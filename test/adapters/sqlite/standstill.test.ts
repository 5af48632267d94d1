import assert from 'node:assert/strict';
import { Standstill } from '../../../src/adapters/sqlite/standstill.ts';

describe('Standstill', () => {
  it('ends with the first look that comes much too late, and with no other', () => {
    const standstill = new Standstill(5000, 0);
    const looks = [5000, 10_000, 12_000, 30_000, 3_630_000, 3_635_000, 3_600_000, 3_605_000];
    const ended = looks.filter((nowMs) => standstill.justEnded(nowMs));
    assert.deepEqual(ended, [30_000, 3_630_000]);
  });
});
