import assert from 'node:assert/strict';
import { Once } from '../../src/concurrency/once.ts';

describe('Once', () => {
  it('does for each object what succeeded no more than once, and what failed again', async () => {
    const once = new Once();
    const [a, b] = [{}, {}];
    const done: string[] = [];
    await assert.rejects(
      once.run(a, () => Promise.reject(new Error('away'))),
      /away/,
    );
    for (const [key, name] of [
      [a, 'a'],
      [a, 'a again'],
      [b, 'b'],
    ] as const)
      await once.run(key, async () => void done.push(name));
    assert.deepEqual(done, ['a', 'b']);
  });
});
