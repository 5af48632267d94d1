import assert from 'node:assert/strict';
import type { Broker } from '../../../src/adapters/kafka/kafkajs.ts';
import { Membership } from '../../../src/adapters/kafka/membership.ts';
import type { TopicPartition } from '../../../src/ports/log.ts';
import { until } from '../../contracts/log-harness.ts';
import { FakeCoordinator, fakeConnection } from '../../support/kafka/fakes.ts';

const SETTLE = { settleMs: 3000 };

describe('Membership', () => {
  let held: number[];
  let coordinator: FakeCoordinator;
  let membership: Membership;
  const place = (partition: number): TopicPartition => ({ topic: 't', partition });

  /** Joins a group whose coordinator lets the first join wait for the promise. */
  function join(blocked: Promise<unknown>): void {
    const { broker, joins } = coordinator;
    const joinGroup: Broker['joinGroup'] = async (request) => {
      const joined = await broker.joinGroup?.(request);
      if (joins.length === 1) await blocked;
      return joined ?? assert.fail();
    };
    const connection = fakeConnection({ broker: { ...broker, joinGroup } });
    membership = new Membership({
      groupId: 'g',
      topics: ['t'],
      sessionTimeoutMs: 3000,
      connection,
      side: connection,
      claims: () => held.map(place),
      onAssigned: () => {},
      onExpired: () => {},
      onContact: () => {},
      onTrouble: () => {},
    });
  }

  beforeEach(() => {
    held = [2, 3];
    coordinator = new FakeCoordinator();
  });
  afterEach(() => membership.leave());

  it('joins again without what was let go while it joined', async () => {
    const gate = Promise.withResolvers<void>();
    join(gate.promise);
    await until('joining', () => coordinator.joins.length === 1, SETTLE);
    held = [];
    membership.rejoin();
    gate.resolve();
    await until('joined again', () => coordinator.joins.length === 2, SETTLE);
    await membership.settled();
    assert.deepEqual(coordinator.joins, [[2, 3], []]);
  });

  it('does not join once more for commits that are refused while it joins', async () => {
    const gate = Promise.withResolvers<void>();
    join(gate.promise);
    await until('joining', () => coordinator.joins.length === 1, SETTLE);
    membership.suspect(membership.identity);
    gate.resolve();
    await membership.settled();
    membership.suspect({ groupGenerationId: 0 });
    await membership.settled();
    assert.equal(coordinator.joins.length, 1);
  });
});
