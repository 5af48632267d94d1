import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { inOrder } from '../../src/cli/in-order.ts';

describe('inOrder', () => {
  it('gives results in the order of the items, whichever is done first', async () => {
    const finish: (() => void)[] = [];
    const results = Array.fromAsync(
      inOrder(['a', 'b', 'c'], 3, async (item) => {
        await new Promise<void>((resolve) => finish.push(resolve));
        return item;
      }),
    );
    while (finish.length < 3) await turn();
    for (const done of finish.toReversed()) done();
    assert.deepEqual(await results, ['a', 'b', 'c']);
  });

  it('works on as many items at a time as allowed, and no more', async () => {
    let running = 0;
    let most = 0;
    const work = async (item: number) => {
      most = Math.max(most, ++running);
      await turn();
      running--;
      return item;
    };
    assert.equal((await Array.fromAsync(inOrder(Array(20).keys(), 4, work))).length, 20);
    assert.equal(most, 4);
  });

  it('takes no more items than its results are wanted', async () => {
    let taken = 0;
    function* items() {
      for (;;) yield taken++;
    }
    const results = inOrder(items(), 3, async (item) => item);
    for (let i = 0; i < 5; i++) await results.next();
    await results.return();
    assert.ok(taken <= 5 + 3, `${taken} items were taken for 5 results`);
  });

  it('gives nothing for nothing', async () => {
    assert.deepEqual(await Array.fromAsync(inOrder([], 3, async () => 1)), []);
  });
});
