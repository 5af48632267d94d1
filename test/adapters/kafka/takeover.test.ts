import assert from 'node:assert/strict';
import type { Connection } from '../../../src/adapters/kafka/connection.ts';
import type { Cluster } from '../../../src/adapters/kafka/kafkajs.ts';
import { Namespace } from '../../../src/adapters/kafka/namespace.ts';
import { Ownership } from '../../../src/adapters/kafka/ownership.ts';
import { Shelves } from '../../../src/adapters/kafka/shelves.ts';
import { Takeover } from '../../../src/adapters/kafka/takeover.ts';
import type { ConsumeOptions, PartitionOffset } from '../../../src/ports/log.ts';
import { until } from '../../contracts/log-harness.ts';
import { fakeCluster, fakeConnection } from '../../support/kafka/fakes.ts';

const SETTLE = { settleMs: 3000 };
const P0 = { topic: 't', partition: 0 };
const P1 = { topic: 't', partition: 1 };

describe('Takeover', () => {
  let ownership: Ownership;
  let released: number;
  let started: number;
  let troubles: string[];
  const stop = new AbortController();
  after(() => stop.abort());

  beforeEach(() => {
    ownership = new Ownership();
    released = started = 0;
    troubles = [];
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
      onTrouble: ({ message }) => troubles.push(message),
      onStarted: () => (started += 1),
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

  it('tells which partitions are read from their start for want of an offset that the log has', async () => {
    const told: unknown[] = [];
    const cluster = {
      ...fakeCluster(2),
      fetchTopicsOffset: async (topics: Parameters<Cluster['fetchTopicsOffset']>[0]) =>
        topics.map(({ topic, partitions, fromBeginning }) => ({
          topic,
          partitions: partitions.map(({ partition }) => ({ partition, offset: fromBeginning ? '2' : '7' })),
        })),
    };
    const committed = [{ topic: 't', partitions: [{ partition: 1, offset: '9', metadata: '' }] }];
    const broker = { offsetFetch: async () => ({ responses: committed }) };
    const onRestarted: ConsumeOptions['onRestarted'] = (place, restart) => void told.push([place, restart]);
    open(fakeConnection({ broker, cluster }), { onRestarted }).assign([P0, P1]);
    await until('told', () => told.length === 2, SETTLE);
    assert.deepEqual(told, [
      [P0, { records: 5 }],
      [P1, { from: 9, records: 5 }],
    ]);
    open(fakeConnection({ broker, cluster }), { onRestarted, from: 'latest' }).assign([P0]);
    await until('held', () => ownership.held().length > 0, SETTLE);
    assert.equal(told.length, 2);
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

  it('begins with the partitions whose leaders answer, and with the others once theirs do', async () => {
    const cluster = fakeCluster(2);
    let down = true;
    const fetchTopicsOffset: Cluster['fetchTopicsOffset'] = async (topics) => {
      const away = down && topics.some(({ partitions }) => partitions.some(({ partition }) => partition === 1));
      if (away) throw new Error('broker 2 is away');
      return (await cluster.fetchTopicsOffset?.(topics)) ?? [];
    };
    const assigned: PartitionOffset[] = [];
    open(fakeConnection({ cluster: { ...cluster, fetchTopicsOffset } }), {
      onAssigned: (partitions) => assigned.push(...partitions),
    }).assign([P0, P1]);
    await until('trouble', () => troubles.length > 0, SETTLE);
    assert.match(troubles[0] ?? '', /broker 2 is away/);
    assert.deepEqual([ownership.held(), ownership.claims(), started], [[P0], [P0, P1], 0]);
    down = false;
    await until('started', () => started === 1, SETTLE);
    assert.deepEqual(ownership.held(), [P0, P1]);
    assert.deepEqual(
      assigned.map(({ partition, offset }) => [partition, offset]),
      [
        [0, 0],
        [1, 0],
      ],
    );
  });
});

/** A connection that never answers. */
function silentConnection(): Connection {
  const never = () => new Promise<never>(() => {});
  return { coordinated: never, run: never } as unknown as Connection;
}
