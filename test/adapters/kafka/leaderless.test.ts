import assert from 'node:assert/strict';
import kafkajs, { type Kafka } from 'kafkajs';
import { protocolError } from '../../../src/adapters/kafka/failures.ts';
import { type Cluster, createCluster } from '../../../src/adapters/kafka/kafkajs.ts';
import { bearLeaderless } from '../../../src/adapters/kafka/leaderless.ts';
import { type MetadataServer, metadataServer } from '../../support/kafka/metadata-server.ts';

describe('a client on a cluster with a partition that has no leader', () => {
  let server: MetadataServer;
  let kafka: Kafka;
  let cluster: Cluster;

  beforeEach(async () => {
    server = await metadataServer({ own: 'led', foreign: 'leaderless' });
    const retry = { retries: 1, initialRetryTime: 1 };
    kafka = new kafkajs.Kafka({ brokers: [server.broker], logLevel: kafkajs.logLevel.NOTHING, retry });
    bearLeaderless(kafka);
    cluster = createCluster(kafka);
    await cluster.connect();
  });
  afterEach(async () => {
    await cluster.disconnect();
    server.close();
  });

  it('learns the brokers where it asks for all topics', async () => {
    await cluster.refreshMetadata();
    assert.equal((await cluster.findBroker({ nodeId: 1 })).nodeId, 1);
    assert.deepEqual(
      ['own', 'foreign'].map((topic) => cluster.findTopicPartitionMetadata(topic)[0]?.leader),
      [1, -1],
    );
  });

  it('starts a producer', async () => {
    const producer = kafka.producer({ idempotent: true });
    await producer.connect();
    await producer.disconnect();
  });

  it('asks for topics by name as before', async () => {
    await cluster.addMultipleTargetTopics(['own']);
    await assert.rejects(
      cluster.addMultipleTargetTopics(['foreign']),
      (error) => protocolError(error) === 'LEADER_NOT_AVAILABLE',
    );
  });
});
