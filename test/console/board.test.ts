import assert from 'node:assert/strict';
import { Board } from '../../src/console/board.ts';
import { viewOf } from './labels.ts';

describe('Board', () => {
  const small = () => new Board({ recent: 3, streams: 2, history: 2, counted: 5, keptMs: 1000 });
  const shown = (board: Board) => board.streams().map(({ latest }) => latest.stream);

  function addAll(board: Board, streams: Iterable<string>, timestampMs: number) {
    for (const stream of streams) board.add(viewOf({ stream }, { timestampMs }));
  }

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

  it('keeps its streams and their marks while more are heard of than it has places for', () => {
    const board = new Board();
    const streams = Array.from({ length: 60 }, (_, i) => `camera-${i}`);
    for (let second = 0; second < 30; second++) addAll(board, streams, 1000 * second);
    assert.deepEqual(shown(board), streams.slice(0, 48));
    for (const { history } of board.streams()) assert.equal(history.length, 24);
    assert.deepEqual(board.count(30_000), { count: 60, more: false });
  });

  it('keeps a stream that fell silent, until it was so for long', () => {
    const board = small();
    addAll(board, ['dead', 'b'], 0);
    addAll(board, ['b', 'c'], 1000);
    assert.deepEqual(shown(board), ['dead', 'b']);
    addAll(board, ['b', 'c'], 1001);
    assert.deepEqual(shown(board), ['b', 'c']);
  });

  it('lets the stream go first that was silent for longest, by the time of its labels', () => {
    const board = small();
    addAll(board, ['later'], 2000);
    addAll(board, ['earlier'], 1000);
    addAll(board, ['c'], 5000);
    assert.deepEqual(shown(board), ['later', 'c']);
  });

  it('no longer counts a stream without a place that was silent for long', () => {
    const board = small();
    addAll(board, ['a', 'b', 'c'], 0);
    assert.deepEqual(board.count(1000), { count: 3, more: false });
    assert.deepEqual(board.count(1001), { count: 2, more: false });
  });

  it('counts a stream once that came to a place', () => {
    const board = small();
    addAll(board, ['a', 'b', 'c'], 0);
    addAll(board, ['b'], 900);
    addAll(board, ['c'], 1001);
    assert.deepEqual(board.count(0), { count: 2, more: false });
  });

  it('counts so many streams and says that there may be more, however many names there are', () => {
    const board = small();
    addAll(
      board,
      Array.from({ length: 10_000 }, (_, i) => `name-${i}`),
      0,
    );
    assert.equal(shown(board).length, 2);
    assert.deepEqual(board.count(0), { count: 5, more: true });
  });

  it('marks what became of an image', () => {
    const board = new Board();
    const failed = { case: 'failed' as const, value: { code: 'IMAGE_EMPTY' } };
    const expired = { case: 'expired' as const, value: {} };
    for (const fields of [{}, { truth: '2' }, { outcome: failed }, { outcome: expired }]) board.add(viewOf(fields));
    assert.deepEqual(board.streams()[0]?.history, ['unknown', 'wrong', 'failed', 'expired']);
  });
});
