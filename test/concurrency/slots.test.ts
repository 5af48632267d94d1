import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { Slots } from '../../src/concurrency/slots.ts';

describe('Slots', () => {
  const signal = new AbortController().signal;

  /** Work that ends when it is told to. */
  function work(begun: number[], id: number) {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const run = () => {
      begun.push(id);
      return promise;
    };
    return { run, end: () => resolve(id), fail: () => reject(new Error(`of ${id}`)) };
  }

  it('run so much at a time, in the order of asking, also after a failure', async () => {
    const slots = new Slots(2);
    const begun: number[] = [];
    const works = [0, 1, 2, 3].map((id) => work(begun, id));
    const results = works.map(({ run }, id) => slots.run(`${id}`, run, signal));
    await turn();
    assert.deepEqual(begun, [0, 1]);
    works[1]?.fail();
    await assert.rejects(results[1] ?? Promise.resolve(), /of 1/);
    await turn();
    assert.deepEqual(begun, [0, 1, 2]);
    works[0]?.end();
    works[2]?.end();
    works[3]?.end();
    assert.deepEqual(await Promise.all([results[0], results[2], results[3]]), [0, 2, 3]);
  });

  it('begin nothing that waits, or would have to, once that is stopped, and stay of use to others', async () => {
    const slots = new Slots(1);
    const stop = new AbortController();
    const begun: number[] = [];
    const [first, second, third, fourth] = [0, 1, 2, 3].map((id) => work(begun, id));
    const running = slots.run('one', first!.run, stop.signal);
    const waiting = slots.run('one', second!.run, stop.signal);
    const other = slots.run('one', fourth!.run, signal);
    stop.abort();
    await assert.rejects(slots.run('one', third!.run, stop.signal), { name: 'AbortError' });
    first!.end();
    fourth!.end();
    await assert.rejects(waiting, { name: 'AbortError' });
    assert.deepEqual(await Promise.all([running, other]), [0, 3]);
    assert.deepEqual(begun, [0, 3]);
  });

  it('let one owner have half of them at most, so that another need not wait for it', async () => {
    const slots = new Slots(4);
    const begun: number[] = [];
    const works = [0, 1, 2, 3, 4, 5, 6].map((id) => work(begun, id));
    const owners = ['one', 'one', 'one', 'other', 'other', 'other', 'third'];
    const results = works.map(({ run }, id) => slots.run(owners[id]!, run, signal));
    await turn();
    assert.deepEqual(begun, [0, 1, 3, 4]);
    works[3]?.end();
    await turn();
    assert.deepEqual(begun, [0, 1, 3, 4, 5]);
    works[0]?.end();
    await turn();
    assert.deepEqual(begun, [0, 1, 3, 4, 5, 2]);
    works[1]?.end();
    await turn();
    assert.deepEqual(begun, [0, 1, 3, 4, 5, 2, 6]);
    for (const { end } of works) end();
    assert.deepEqual(await Promise.all(results), [0, 1, 2, 3, 4, 5, 6]);
  });
});
