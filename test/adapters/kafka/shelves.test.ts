import assert from 'node:assert/strict';
import type { Fetched } from '../../../src/adapters/kafka/fetch.ts';
import { type Shelf, Shelves } from '../../../src/adapters/kafka/shelves.ts';

const A0 = { topic: 'a', partition: 0 };
const A1 = { topic: 'a', partition: 1 };

/** What a fetch brought of a partition: the records from `first` to before `next`. */
function fetched(partition: number, first: number, next: number): Fetched {
  const messages = Array.from({ length: next - first }, (_, i) => ({
    offset: String(first + i),
    timestamp: '0',
    key: null,
    value: Buffer.from('x'),
    headers: {},
  }));
  return { topic: 'p.a', partition, messages, next, end: next };
}

describe('Shelves', () => {
  let shelves: Shelves;
  const shelf = (place: typeof A0) => shelves.find(place) as Shelf;
  const taken = (except: (typeof A0)[] = []) =>
    shelves.take(100, except).map(({ partition, offset }) => `${partition}:${offset}`);

  beforeEach(() => {
    shelves = new Shelves(['a']);
    for (const place of [A0, A1]) {
      shelves.open(place, 'p.a', 0);
      shelves.put(shelf(place), fetched(place.partition, 0, 2));
    }
  });

  it('hand out nothing of the partitions that a poll excepts', () => {
    assert.deepEqual(taken([A0]), ['1:0', '1:1']);
    assert.equal(shelves.ready([A0]), false);
    assert.equal(shelves.ready(), true);
    assert.deepEqual(taken(), ['0:0', '0:1']);
  });

  it('neither read nor hand out more of a partition that is to go, and have its room for the others', () => {
    shelves.leave(A0);
    const going = shelf(A0);
    shelves.put(going, fetched(0, 2, 4));
    assert.deepEqual(taken(), ['1:0', '1:1']);
    assert.deepEqual(shelves.wanting(), [shelf(A1)]);
    assert.equal(shelves.hungry, true);
    assert.equal(going.bytes, 0);
  });

  it('begin a partition anew without what was fetched of it', () => {
    shelves.leave(A0);
    const before = shelf(A0);
    shelves.open(A0, 'p.a', 1);
    shelves.put(before, fetched(0, 2, 4));
    assert.deepEqual(taken(), ['1:0', '1:1']);
    shelves.put(shelf(A0), fetched(0, 1, 3));
    assert.deepEqual(taken(), ['0:1', '0:2']);
  });
});
