import assert from 'node:assert/strict';
import { knownBoundsAt } from '../../../src/adapters/kafka/bounds.ts';
import { fakeCluster, fakeConnection } from '../../support/kafka/fakes.ts';

const P0 = { topic: 't', partition: 0 };

describe('knownBoundsAt', () => {
  it('looks anew where partitions are led once none had a leader', async () => {
    let leader = -1;
    const cluster = {
      ...fakeCluster(1),
      findTopicPartitionMetadata: () => [{ partitionId: 0, leader }],
      refreshMetadata: async () => void (leader = 1),
    };
    const connection = fakeConnection({ cluster });
    await assert.rejects(knownBoundsAt(connection, [P0]), { code: 'LOG_UNAVAILABLE' });
    assert.deepEqual(await knownBoundsAt(connection, [P0]), [{ ...P0, start: 0, end: 0 }]);
  });
});
