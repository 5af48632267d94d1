import assert from 'node:assert/strict';
import type { Kafka } from 'kafkajs';
import { Connection } from '../../../src/adapters/kafka/connection.ts';
import type { Broker, Cluster } from '../../../src/adapters/kafka/kafkajs.ts';
import { refusal } from '../../support/kafka/fakes.ts';

/** A cluster that asks for metadata as that of kafkajs does, and notes for which topics; what it knows is always old. */
class AgedCluster implements Pick<Cluster, 'addMultipleTargetTopics' | 'refreshMetadata' | 'targetTopics'> {
  readonly existing = new Set(['a', 'b']);
  readonly asked: string[] = [];
  targetTopics = new Set<string>();

  connect = async () => {};
  isConnected = () => true;
  findGroupCoordinator = async () => ({ nodeId: 1 }) as Broker;
  findBroker = this.findGroupCoordinator;

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
