import assert from 'node:assert/strict';
import { Connection } from '../../../src/adapters/kafka/connection.ts';
import type { Broker, Cluster } from '../../../src/adapters/kafka/kafkajs.ts';
import kafkajs, { type Kafka } from 'kafkajs';
import { refusal } from '../../support/kafka/fakes.ts';

/** A cluster that asks for metadata as that of kafkajs does, and notes for which topics; what it knows is always old. */
class AgedCluster implements Pick<Cluster, 'addMultipleTargetTopics' | 'refreshMetadata' | 'targetTopics'> {
  readonly existing = new Set(['a', 'b']);
  readonly asked: string[] = [];
  targetTopics = new Set<string>();

  connects = 0;
  connect = async () => void (this.connects += 1);
  isConnected = () => true;
  findGroupCoordinator = async () => ({ nodeId: 1 }) as Broker;
  findBroker = async () => ({ nodeId: 1 }) as Broker;
  disconnect = async () => {};

  async addMultipleTargetTopics(topics: readonly string[]): Promise<void> {
    const before = new Set(this.targetTopics);
    for (const topic of topics) this.targetTopics.add(topic);
    if (this.asked.length > 0 && this.targetTopics.size === before.size) return;
    await this.refreshMetadata().catch((error: unknown) => {
      this.targetTopics = before;
      throw error;
    });
  }

  async refreshMetadata(): Promise<void> {
    this.asked.push([...this.targetTopics].join());
    if (!this.targetTopics.isSubsetOf(this.existing)) throw refusal('UNKNOWN_TOPIC_OR_PARTITION');
  }

  refreshMetadataIfNecessary = () => this.refreshMetadata();
}

describe('Connection', () => {
  let cluster: AgedCluster;
  let connection: Connection;
  beforeEach(() => {
    cluster = new AgedCluster();
    const kafka = { [Symbol('private:Kafka:createCluster')]: () => cluster };
    connection = new Connection(kafka as unknown as Kafka);
  });

  it('does not ask for all topics again and again where only the coordinator of a group is wanted', async () => {
    for (let beat = 0; beat < 3; beat++) await connection.coordinated('g', async () => {});
    assert.deepEqual(cluster.asked, ['']);
  });

  it('finds the coordinator though all brokers that it knew are elsewhere by now', async () => {
    const refused = new kafkajs.KafkaJSConnectionError('connect ECONNREFUSED');
    cluster.findGroupCoordinator = async () => {
      if (cluster.asked.length > 1) return { nodeId: 2 } as Broker;
      throw new kafkajs.KafkaJSNumberOfRetriesExceeded(refused, { retryCount: 34, retryTime: 500 });
    };
    await assert.rejects(
      connection.coordinated('g', async () => {}),
      /ECONNREFUSED/,
    );
    assert.equal(await connection.coordinated('g', async ({ nodeId }) => nodeId), 2);
  });

  it('opens nothing once it was closed', async () => {
    await connection.close();
    await assert.rejects(
      connection.run([], async () => {}),
      { code: 'LOG_CLOSED' },
    );
    const other = new Connection({ [Symbol('private:Kafka:createCluster')]: () => cluster } as unknown as Kafka);
    const running = other.run(['a'], async () => {});
    await other.close();
    await assert.rejects(running, { code: 'LOG_CLOSED' });
    assert.equal(cluster.connects, 1);
  });

  it('knows where topics are after one of those that it was once asked for is gone', async () => {
    await connection.run(['a', 'b'], async () => {});
    cluster.existing.delete('a');
    assert.equal(await connection.run(['b'], async () => 'found'), 'found');
    assert.equal(cluster.asked.at(-1), 'b');
    await assert.rejects(
      connection.run(['a'], async () => {}),
      { type: 'UNKNOWN_TOPIC_OR_PARTITION' },
    );
    assert.ok(!cluster.asked.includes(''));
  });
});
