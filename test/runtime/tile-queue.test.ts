import assert from 'node:assert/strict';
import { type Moment, TileQueue } from '../../src/runtime/tile-queue.ts';

const BUSY: Moment = { nowMs: 0, idle: false };
const IDLE: Moment = { ...BUSY, idle: true };

/** The owners of the rows of the next tile, and why it goes. */
function take(queue: TileQueue<string>, moment: Moment): string | undefined {
  const ready = queue.next(moment);
  return ready && `${ready.tile.rows.map(({ owner, index }) => owner + index).join(' ')} ${ready.flush}`;
}

describe('TileQueue', () => {
  it('hands out full tiles at once and keeps the rest', () => {
    const queue = new TileQueue<string>(2, 10);
    queue.add('a', 8, 5, 0);
    assert.deepEqual(
      [take(queue, BUSY), take(queue, BUSY), take(queue, BUSY)],
      ['a0 a1 full', 'a2 a3 full', undefined],
    );
  });

  it('fills a tile with rows of several rounds', () => {
    const queue = new TileQueue<string>(3, 10);
    queue.add('a', 8, 2, 0);
    queue.add('b', 8, 2, 0);
    assert.equal(take(queue, BUSY), 'a0 a1 b0 full');
  });

  it('mixes no prefix lengths', () => {
    const queue = new TileQueue<string>(2, 10);
    queue.add('a', 8, 1, 0);
    queue.add('b', 16, 1, 0);
    assert.equal(take(queue, BUSY), undefined);
  });

  it('hands out a tile that is not full when its first row has waited long enough', () => {
    const queue = new TileQueue<string>(3, 10);
    queue.add('a', 8, 1, 5);
    queue.add('b', 8, 1, 14);
    assert.equal(queue.dueMs(), 15);
    assert.equal(take(queue, { ...BUSY, nowMs: 14 }), undefined);
    assert.equal(take(queue, { ...BUSY, nowMs: 15 }), 'a0 b0 delay');
    assert.equal(queue.dueMs(), undefined);
  });

  it('counts the wait of rows left over from their own arrival', () => {
    const queue = new TileQueue<string>(2, 10);
    queue.add('a', 8, 1, 0);
    queue.add('b', 8, 2, 6);
    assert.equal(queue.next(BUSY)?.sinceMs, 0);
    assert.equal(queue.dueMs(), 16);
  });

  it('hands out a tile that is not full to an idle device, unless a full one is there', () => {
    const queue = new TileQueue<string>(2, 10);
    queue.add('a', 8, 1, 0);
    queue.add('b', 16, 2, 0);
    assert.deepEqual([take(queue, IDLE), take(queue, IDLE)], ['b0 b1 full', 'a0 idle']);
  });

  it('lets a small round pass a big one that came before it', () => {
    const queue = new TileQueue<string>(2, 10);
    queue.add('big', 8, 6, 0);
    queue.add('small', 16, 2, 0);
    assert.equal(take(queue, BUSY), 'small0 small1 full');
  });

  it('takes rounds of one size first come, first served', () => {
    const queue = new TileQueue<string>(2, 10);
    for (const owner of ['a', 'b', 'c']) queue.add(owner, 8, 2, 0);
    assert.deepEqual([take(queue, BUSY), take(queue, BUSY)], ['a0 a1 full', 'b0 b1 full']);
  });

  it('hands out a due tile before full ones whose turn comes later', () => {
    const queue = new TileQueue<string>(2, 0);
    queue.add('few', 8, 1, 0);
    queue.add('many', 16, 2, 0);
    assert.deepEqual([take(queue, BUSY), take(queue, BUSY)], ['few0 delay', 'many0 many1 full']);
  });

  it('lets no more pass a round than its own size', () => {
    const queue = new TileQueue<string>(2, 10);
    queue.add('big', 8, 20, 0);
    const order: string[] = [];
    while (order.filter((owner) => owner === 'big').length < 10) {
      queue.add('small', 8, 2, 0);
      order.push(queue.next(BUSY)?.tile.rows[0]?.owner ?? 'none');
    }
    assert.deepEqual(new Set(order), new Set(['small', 'big']));
    assert.ok(order.length <= 20, order.join());
  });
});
