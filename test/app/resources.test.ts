import assert from 'node:assert/strict';
import { Resources } from '../../src/app/resources.ts';

describe('Resources', () => {
  it('are closed in the reverse order of their opening, once', async () => {
    const closed: number[] = [];
    const resources = new Resources();
    for (const id of [1, 2, 3]) resources.own({ close: async () => closed.push(id) });
    await resources.close();
    await resources.close();
    assert.deepEqual(closed, [3, 2, 1]);
  });

  it('are all closed though closing one fails, and the first failure is told', async () => {
    const closed: number[] = [];
    const resources = new Resources();
    resources.own({ close: async () => closed.push(1) });
    resources.own({ close: () => Promise.reject(new Error('second')) });
    resources.own({ close: () => Promise.reject(new Error('third')) });
    await assert.rejects(resources.close(), /third/);
    assert.deepEqual(closed, [1]);
  });
});
