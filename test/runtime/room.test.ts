import assert from 'node:assert/strict';
import { OrdoError } from '../../src/errors.ts';
import { Holdings } from '../../src/runtime/holdings.ts';
import { Room } from '../../src/runtime/room.ts';
import type { Entry } from '../../src/runtime/tracker.ts';
import { logRecord } from '../support/records.ts';

describe('Room', () => {
  let holdings: Holdings;
  let room: Room;
  let canCommit: boolean;
  const place = (partition: number) => ({ topic: 't', partition });
  const hold = (...partitions: number[]) =>
    holdings.assign(partitions.map((partition) => ({ ...place(partition), offset: 0, metadata: '' })));
  const take = (partition: number, count: number, state: Partial<Entry> = {}) => {
    const holding = holdings.find(place(partition)) ?? assert.fail('not held');
    for (let left = count; left > 0; left--) {
      const offset = holding.tracker.inFlight;
      Object.assign(holdings.take(logRecord({ partition, offset }), holding) ?? assert.fail('not taken'), state);
    }
  };
  const again = { retried: new OrdoError('SCORER_FAILED', 'no memory') };

  beforeEach(() => {
    holdings = new Holdings();
    canCommit = true;
    room = new Room(holdings, 8, () => canCommit);
  });

  it('is open before the first partition comes', () => {
    assert.ok(room.open);
    assert.deepEqual(room.wants(), { maxRecords: 8, waitMs: 250, except: [] });
  });

  it('is taken up by records that are handled for the first time alone', () => {
    hold(0, 1);
    take(0, 2);
    take(0, 3, again);
    take(1, 5, { outputs: [] });
    assert.deepEqual(room.wants(), { maxRecords: 6, waitMs: 250, except: [] });
  });

  it('is taken up by all records while nothing can be committed', () => {
    hold(0, 1);
    take(0, 3, again);
    take(1, 5, { outputs: [] });
    canCommit = false;
    assert.deepEqual([room.free, room.open, room.spare], [0, false, 0]);
  });

  it('is taken up by records that are tried again, where they are more than may be handled at a time in all', () => {
    hold(0, 1, 2, 3, 4, 5, 6, 7, 8);
    for (const partition of [0, 1, 2, 3]) take(partition, 3, again);
    take(8, 1);
    assert.deepEqual([room.free, room.open], [3, true]);
    for (const partition of [4, 5, 6, 7]) take(partition, 3, again);
    assert.deepEqual([room.open, room.spare > 0], [false, false]);
  });

  it('is not taken up by two partitions in which records are tried again, however many', () => {
    hold(0, 1, 2);
    for (const partition of [0, 1]) take(partition, 15, again);
    assert.deepEqual(room.wants(), { maxRecords: 8, waitMs: 20, except: [place(0), place(1)] });
    room = new Room(holdings, 1, () => canCommit);
    assert.equal(room.free, 1);
  });

  it('leaves out a partition of which half as many records as may be handled at a time are tried again', () => {
    hold(0, 1);
    take(0, 4, again);
    assert.deepEqual(room.wants(), { maxRecords: 8, waitMs: 20, except: [place(0)] });
  });

  it('leaves out a partition of which twice as many records are in hand', () => {
    hold(0, 1);
    take(0, 1);
    take(0, 15, { outputs: [] });
    assert.deepEqual(room.wants(), { maxRecords: 7, waitMs: 20, except: [place(0)] });
  });

  it('is closed while every partition is full', () => {
    hold(0, 1);
    take(0, 4, again);
    take(1, 4, again);
    assert.deepEqual([room.open, room.spare, room.patienceMs], [false, 0, 250]);
  });

  it('spares a quarter more for the others where one partition has it all', () => {
    hold(0, 1, 2);
    take(0, 8);
    take(1, 4, again);
    assert.deepEqual([room.open, room.spare, room.patienceMs], [false, 2, 20]);
    assert.deepEqual(room.wants(), { maxRecords: 2, waitMs: 0, except: [place(0), place(1)] });
    take(2, 2);
    assert.equal(room.spare, 0);
  });

  it('spares nothing where less than four records may be handled at a time', () => {
    room = new Room(holdings, 1, () => canCommit);
    hold(0, 1);
    take(0, 1);
    assert.deepEqual([room.open, room.spare], [false, 0]);
  });

  it('spares nothing where several partitions share it, nor where only one is held', () => {
    hold(0);
    take(0, 8);
    assert.deepEqual([room.spare, room.patienceMs], [0, 250]);
    hold(1);
    take(1, 3);
    assert.ok(room.spare <= 0);
  });
});
