import assert from 'node:assert/strict';
import { timeOf } from '../../src/stages/cloud-events.ts';

const at = (ceTime: string | undefined, timestampMs = 5) =>
  timeOf({ headers: ceTime === undefined ? {} : { ce_time: ceTime }, timestampMs });

describe('timeOf', () => {
  for (const [text, timeMs] of Object.entries({
    '2023-11-14T22:13:20.250Z': 1_700_000_000_250,
    '2023-11-14t22:13:20z': 1_700_000_000_000,
    '2023-11-14T23:13:20.250999+01:00': 1_700_000_000_250,
    '1969-12-31T23:59:59Z': -1000,
    '1970-01-01T00:00:00Z': 0,
  })) {
    it(`reads the ce_time ${text}`, () => assert.equal(at(text), timeMs));
  }

  for (const text of ['', '2023', '2023-11-14T22:13:20', 'Tue, 14 Nov 2023 22:13:20 GMT', '2023-13-14T22:13:20Z']) {
    it(`takes the log's time where ce_time is ${JSON.stringify(text)}`, () => assert.equal(at(text), 5));
  }

  it("takes the log's time where there is no ce_time, and 1970 where that is no time either", () => {
    assert.deepEqual([at(undefined), at(undefined, 2 ** 63), at('soon', NaN)], [5, 0, 0]);
  });
});
