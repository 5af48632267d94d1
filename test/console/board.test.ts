import assert from 'node:assert/strict';
import { Board } from '../../src/console/board.ts';
import { viewOf } from './labels.ts';

describe('Board', () => {
  const small = () => new Board({ recent: 3, streams: 2, history: 2 });

  it('keeps the newest labels, oldest first', () => {
    const board = small();
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) board.add(viewOf({ id }));
    assert.deepEqual(
      board.recent().map(({ id }) => id),
      ['f', 'g', 'h'],
    );
  });

  it('keeps the latest label of each stream, and the marks of those before', () => {
    const board = small();
    board.add(viewOf({ stream: 's', truth: '1' }));
    board.add(viewOf({ stream: 's', truth: '0' }));
    board.add(viewOf({ stream: 's', truth: 'none', id: 'last' }));
    const [only, ...others] = board.streams();
    assert.equal(others.length, 0);
    assert.equal(only?.latest.id, 'last');
    assert.deepEqual(only.history, ['right', 'none']);
  });

  it('lets the stream go that was silent for longest', () => {
    const board = small();
    for (const stream of ['a', 'b', 'a', 'c']) board.add(viewOf({ stream }));
    assert.deepEqual(
      board.streams().map(({ latest }) => latest.stream),
      ['a', 'c'],
    );
  });

  it('marks what became of an image', () => {
    const board = new Board();
    const failed = { case: 'failed' as const, value: { code: 'IMAGE_EMPTY' } };
    const expired = { case: 'expired' as const, value: {} };
    for (const fields of [{}, { truth: '2' }, { outcome: failed }, { outcome: expired }]) board.add(viewOf(fields));
    assert.deepEqual(board.streams()[0]?.history, ['unknown', 'wrong', 'failed', 'expired']);
  });
});
