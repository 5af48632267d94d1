import assert from 'node:assert/strict';
import { exitCodeAfter, interruption } from '../../src/cli/interrupt.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

describe('interruption', () => {
  let nowMs: number;
  let ended: string[];
  let signal: AbortSignal;
  let listeners: Map<NodeJS.Signals, (name: NodeJS.Signals) => void>;

  const send = (name: NodeJS.Signals, atMs: number) => {
    nowMs = atMs;
    listeners.get(name)?.(name);
  };
  beforeEach(() => {
    const before = new Set(SIGNALS.flatMap((name) => process.listeners(name)));
    ended = [];
    signal = interruption({ nowMs: () => nowMs, end: (name) => void ended.push(name) });
    const added = SIGNALS.map((name) => [name, process.listeners(name).filter((one) => !before.has(one))] as const);
    listeners = new Map(added.flatMap(([name, found]) => found.map((one) => [name, one] as const)));
  });
  afterEach(() => {
    for (const [name, listener] of listeners) process.off(name, listener);
  });

  for (const name of SIGNALS) {
    it(`is aborted by ${name}, and says so`, () => {
      assert.equal(signal.aborted, false);
      send(name, 5000);
      assert.deepEqual([signal.aborted, signal.reason, ended], [true, name, []]);
    });
  }

  for (const [name, code] of Object.entries({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 })) {
    it(`makes the command end with ${code} after ${name}`, () => {
      send(name as NodeJS.Signals, 5000);
      assert.equal(exitCodeAfter(signal), code);
    });
  }

  it('takes the same signal within a second for an echo of the first', () => {
    for (const atMs of [5000, 5000, 5400, 5999]) send('SIGTERM', atMs);
    assert.deepEqual(ended, []);
  });

  it('ends the process by the same signal a second later', () => {
    send('SIGINT', 5000);
    send('SIGINT', 5999);
    send('SIGINT', 6000);
    assert.deepEqual(ended, ['SIGINT']);
  });

  it('ends the process by another signal, however soon', () => {
    send('SIGINT', 5000);
    send('SIGTERM', 5000);
    assert.deepEqual([ended, signal.reason], [['SIGTERM'], 'SIGINT']);
  });
});
