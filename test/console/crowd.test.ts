import assert from 'node:assert/strict';
import { Crowd } from '../../src/console/crowd.ts';

describe('Crowd', () => {
  it('counts each stream once', () => {
    const crowd = new Crowd(5);
    for (const stream of ['a', 'b', 'a']) crowd.add(stream, 0);
    assert.equal(crowd.since(0), 2);
  });

  it('forgets those that were not heard of lately', () => {
    const crowd = new Crowd(5);
    for (const [i, stream] of ['a', 'b', 'c'].entries()) crowd.add(stream, i);
    assert.equal(crowd.since(1), 2);
    assert.equal(crowd.since(0), 2);
  });

  it('holds so many names and no more, the last heard of', () => {
    const crowd = new Crowd(2);
    for (const [i, stream] of ['a', 'b', 'a', 'c'].entries()) crowd.add(stream, i);
    crowd.delete('a');
    assert.equal(crowd.since(0), 1);
    crowd.delete('c');
    assert.equal(crowd.since(0), 0);
  });
});
