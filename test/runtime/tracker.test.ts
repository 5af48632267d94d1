import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PartitionTracker } from '../../src/runtime/tracker.ts';
import { logRecord, newRecord } from '../support/records.ts';

describe('PartitionTracker', () => {
  const start = { topic: 't', partition: 0, offset: 10 };

  it('gives the outputs of the unbroken finished run at the front, in the order of the inputs', () => {
    const tracker = new PartitionTracker(start);
    const entries = [10, 11, 12, 13].map((offset) => tracker.take(logRecord({ offset })));
    for (const index of [1, 0, 3]) Object.assign(entries[index] ?? {}, { outputs: [newRecord(`of ${index}`)] });
    const run = tracker.finished(100);
    assert.equal(run.count, 2);
    assert.equal(run.next, 12);
    assert.deepEqual(run.outputs, [newRecord('of 0'), newRecord('of 1')]);
  });

  it('refuses a record that it took already, and one from before its start', () => {
    const tracker = new PartitionTracker(start);
    assert.ok(tracker.take(logRecord({ offset: 11 })));
    assert.equal(tracker.take(logRecord({ offset: 11 })), undefined);
    assert.equal(tracker.take(logRecord({ offset: 9 })), undefined);
  });

  it('moves past gaps that retention left', () => {
    const tracker = new PartitionTracker(start);
    const entry = tracker.take(logRecord({ offset: 50 }));
    Object.assign(entry ?? {}, { outputs: [] });
    const run = tracker.finished(100);
    tracker.committed(run);
    assert.equal(tracker.position, 51);
    assert.equal(tracker.inFlight, 0);
  });

  it('commits every record once and in order, whatever the order of finishing', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 7 }), (keys, most) => {
        const tracker = new PartitionTracker({ ...start, offset: 0 });
        const entries = keys.map((_, offset) => tracker.take(logRecord({ offset })));
        const finishing = keys.map((key, index) => ({ key, index })).sort((a, b) => a.key - b.key || a.index - b.index);
        const seen: string[] = [];
        for (const { index } of finishing) {
          Object.assign(entries[index] ?? {}, { outputs: [newRecord(String(index))] });
          for (let run = tracker.finished(most); run.count > 0; run = tracker.finished(most)) {
            seen.push(...run.outputs.map(({ value }) => new TextDecoder().decode(value)));
            tracker.committed(run);
          }
        }
        assert.deepEqual(
          seen,
          keys.map((_, index) => String(index)),
        );
        assert.equal(tracker.position, keys.length);
      }),
    );
  });
});
