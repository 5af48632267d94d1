import assert from 'node:assert/strict';
import type { Connection } from '../../../src/adapters/kafka/connection.ts';
import { Namespace } from '../../../src/adapters/kafka/namespace.ts';
import { Ownership } from '../../../src/adapters/kafka/ownership.ts';
import { Shelves } from '../../../src/adapters/kafka/shelves.ts';
import { Takeover } from '../../../src/adapters/kafka/takeover.ts';
import type { ConsumeOptions } from '../../../src/ports/log.ts';
import { until } from '../../contracts/log-harness.ts';
import { fakeCluster, fakeConnection } from '../../support/kafka/fakes.ts';

const SETTLE = { settleMs: 3000 };
const P0 = { topic: 't', partition: 0 };
const P1 = { topic: 't', partition: 1 };

describe('Takeover', () => {
  let ownership: Ownership;
  let released: number;
  const stop = new AbortController();
  after(() => stop.abort());

  beforeEach(() => {
    ownership = new Ownership();
    released = 0;
  });

  function open(connection: Connection, options: Partial<ConsumeOptions> = {}): Takeover {
    return new Takeover({
      options: { group: 'g', topics: ['t'], from: 'earliest', sessionTimeoutMs: 3000, ...options },
      groupId: 'g',
      namespace: new Namespace(''),
      ownership,
      shelves: new Shelves(['t']),
      connection,
      signal: stop.signal,
      onChanged: () => {},
      onReleased: () => (released += 1),
      onTrouble: () => {},
    });
  }

  it('tells the group of partitions that go before they have begun', () => {
    const takeover = open(silentConnection());
    takeover.assign([P0, P1]);
    takeover.assign([P0]);
    assert.equal(released, 1);
    assert.deepEqual(ownership.claims(), [P0]);
    takeover.assign([P0]);
    assert.equal(released, 1);
  });

  it('does not let go of a partition that was lost and won again while it was to go', async () => {
    const gate = Promise.withResolvers<void>();
    const takeover = open(fakeConnection({ cluster: fakeCluster(2) }), { onRevoked: () => gate.promise });
    takeover.assign([P0]);
    await until('held', () => ownership.held().length === 1, SETTLE);
    takeover.assign([]);
    takeover.expire();
    takeover.assign([P0]);
    await until('held again', () => ownership.held().length === 1, SETTLE);
    gate.resolve();
    await new Promise(setImmediate);
    assert.deepEqual(ownership.held(), [P0]);
    assert.equal(released, 0);
  });
});

/** A connection that never answers. */
function silentConnection(): Connection {
  const never = () => new Promise<never>(() => {});
  return { coordinated: never, run: never } as unknown as Connection;
}
