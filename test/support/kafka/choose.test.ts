import assert from 'node:assert/strict';
import type { Broker } from './broker.ts';
import { firstOpen, NoBroker, type Way } from './choose.ts';

describe('firstOpen', () => {
  const tried: string[] = [];
  beforeEach(() => tried.splice(0));

  function way(name: string, failure?: unknown): Way {
    const open = async (): Promise<Broker> => {
      tried.push(name);
      if (failure !== undefined) throw failure;
      return { kind: 'given', brokers: [name], stop: async () => undefined };
    };
    return { name, open };
  }

  it('gives the broker of the first way and tries no other', async () => {
    const broker = await firstOpen([way('a'), way('b')]);
    assert.deepEqual([broker.brokers, tried], [['a'], ['a']]);
  });

  it('goes on to the next way where one is not open', async () => {
    const broker = await firstOpen([way('a', new Error('shut')), way('b', 'shut'), way('c'), way('d')]);
    assert.deepEqual([broker.brokers, tried], [['c'], ['a', 'b', 'c']]);
  });

  it('says of every way why it is not open, if none is', async () => {
    const failed = firstOpen([way('a', new Error('not set')), way('b', 'no answer'), way('c', new Error('too old'))]);
    await assert.rejects(failed, (error) => {
      assert.ok(error instanceof NoBroker);
      assert.equal(error.message, 'no Kafka broker\n  a: not set\n  b: no answer\n  c: too old');
      return true;
    });
  });
});
