import assert from 'node:assert/strict';
import { isPoison, mustBeAlone, readSuspicion, writeSuspicion } from '../../src/runtime/suspicion.ts';

describe('suspicion', () => {
  it('survives being written beside an offset', () => {
    assert.deepEqual(readSuspicion(writeSuspicion({ starts: 4, alone: 2 })), { starts: 4, alone: 2 });
  });

  it('takes metadata of any other form for none', () => {
    for (const metadata of ['', 'starts=x alone=1', 'starts=1', 'starts=1 alone=1 ', '{"starts":1}']) {
      assert.deepEqual(readSuspicion(metadata), { starts: 0, alone: 0 });
    }
  });

  it('isolates a record after two processes died at it, and gives it up after three more died with it alone', () => {
    assert.deepEqual(
      [1, 2, 3].map((starts) => mustBeAlone({ starts, alone: 0 })),
      [false, false, true],
    );
    assert.deepEqual(
      [2, 3].map((alone) => isPoison({ starts: 6, alone })),
      [false, true],
    );
  });
});
