import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SessionPool } from '../../../src/adapters/onnx/session-pool.ts';
import type { Order } from './session-pool-module.ts';

interface Reply {
  value: number;
  threadId: number;
}

const module = new URL('./session-pool-module.ts', import.meta.url);

describe('SessionPool', () => {
  let folder: string;
  let pool: SessionPool<Reply>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ordo-pool-'));
    pool = await SessionPool.open<Reply>({ module, data: '', threads: 2 });
  });
  afterEach(async () => {
    await pool.close();
    await rm(folder, { recursive: true });
  });

  const run = (order: Order) => pool.run(() => ({ body: order, transfer: [] }));

  /** A file that the first request to see it takes away. */
  async function trap(): Promise<string> {
    const file = join(folder, 'trap');
    await writeFile(file, '');
    return file;
  }

  it('answers every job with its own reply, on all of its threads', async () => {
    const values = Array.from({ length: 20 }, (_, value) => value);
    const replies = await Promise.all(values.map((value) => run({ value })));
    assert.deepEqual(
      replies.map(({ value }) => value),
      values,
    );
    assert.equal(new Set(replies.map(({ threadId }) => threadId)).size, 2);
  });

  for (const how of ['exit', 'throw', 'fail'] as const) {
    it(`loses no job when a thread ${{ exit: 'exits', throw: 'crashes', fail: 'reports an error' }[how]}`, async () => {
      const once = await trap();
      const orders = Array.from({ length: 8 }, (_, value): Order => (value === 1 ? { value, once, how } : { value }));
      const replies = await Promise.all(orders.map(run));
      assert.deepEqual(
        replies.map(({ value }) => value),
        orders.map(({ value }) => value),
      );
    });
  }

  for (const how of ['exit', 'throw', 'fail'] as const) {
    it(`gives a job up after three attempts (${how}), and not the jobs beside it`, async () => {
      const hopeless = assert.rejects(run({ value: 0, always: true, how }), { code: 'SCORER_FAILED' });
      const others = await Promise.all([1, 2, 3, 4, 5].map((value) => run({ value })));
      await hopeless;
      assert.deepEqual(
        others.map(({ value }) => value),
        [1, 2, 3, 4, 5],
      );
    });
  }

  it('gives no job the reply to another, though threads crash just behind their replies', async () => {
    for (let round = 0; round < 20; round++) {
      const hopeless = assert.rejects(run({ value: 0, always: true, how: 'throw' }), { code: 'SCORER_FAILED' });
      const values = [1, 2, 3, 4, 5];
      const replies = await Promise.all(values.map((value) => run({ value })));
      await hopeless;
      assert.deepEqual(
        replies.map(({ value }) => value),
        values,
      );
    }
  }).timeout(60_000);

  it('prepares a request anew for each attempt', async () => {
    const once = await trap();
    let prepared = 0;
    const prepare = () => {
      prepared += 1;
      return { body: { value: 7, once, how: 'exit' }, transfer: [] };
    };
    assert.equal((await pool.run(prepare)).value, 7);
    assert.equal(prepared, 2);
  });

  it('is not opened when its threads cannot start', async () => {
    const opening = SessionPool.open<Reply>({ module, data: 'unready', threads: 2 });
    await assert.rejects(opening, { code: 'MODEL_INVALID', message: 'nothing to load' });
  });

  it('finishes what was begun when it is closed, and takes no more', async () => {
    const begun = Promise.all([1, 2, 3, 4, 5, 6].map((value) => run({ value })));
    await pool.close();
    assert.equal((await begun).length, 6);
    await assert.rejects(run({ value: 1 }), { code: 'STOPPED' });
  });
});
