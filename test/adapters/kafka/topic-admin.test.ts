import assert from 'node:assert/strict';
import kafkajs, { type Kafka } from 'kafkajs';
import { TopicAdmin } from '../../../src/adapters/kafka/topic-admin.ts';

const NAMES = ['a'];

describe('what is asked of topics', () => {
  let failures: Error[];
  let admin: TopicAdmin;
  let altered: unknown[];

  /** Answers once the failures are used up. */
  async function answer<T>(value: T): Promise<T> {
    const failure = failures.shift();
    if (failure) throw failure;
    return value;
  }

  beforeEach(() => {
    const topics = [{ name: 'a', partitions: [{}, {}] }];
    const configEntries = [
      { configName: 'retention.ms', configValue: '5', configSource: 1 },
      { configName: 'min.insync.replicas', configValue: '1', configSource: 4 },
      { configName: 'segment.bytes', configValue: '7', configSource: 3 },
      { configName: 'flush.ms', configValue: '9', configSource: 5 },
    ];
    const controller = { describeConfigs: () => answer({ resources: [{ resourceName: 'a', configEntries }] }) };
    const cluster = {
      connect: async () => {},
      isConnected: () => true,
      targetTopics: new Set(),
      addMultipleTargetTopics: async () => {},
      refreshMetadata: async () => {},
      refreshMetadataIfNecessary: async () => {},
      findControllerBroker: async () => controller,
    };
    altered = [];
    const client = {
      alterConfigs: async ({ resources }: { resources: unknown[] }) => void altered.push(...resources),
      connect: async () => {},
      disconnect: async () => {},
      fetchTopicMetadata: () => answer({ topics }),
    };
    const kafka = { admin: () => client, [Symbol('private:Kafka:createCluster')]: () => cluster };
    admin = new TopicAdmin(kafka as unknown as Kafka);
  });

  const broken = () => new kafkajs.KafkaJSConnectionError('read ECONNRESET');

  it('is asked again where a broker ends meanwhile', async () => {
    failures = [broken()];
    assert.deepEqual(await admin.find(NAMES), [{ name: 'a', partitions: 2 }]);
    failures = [broken(), broken()];
    const [topic] = await admin.withSettings([{ name: 'a', partitions: 2 }]);
    assert.equal(topic?.settings['retention.ms'], '5');
  });

  it('keeps what was set on a topic itself when it changes a setting, and makes none of the brokers its own', async () => {
    failures = [];
    const settings = [{ name: 'max.message.bytes', from: '1', to: '2' }];
    const change = { topic: 'a', create: false, partitions: { from: 2, to: 2 }, settings };
    await admin.apply([change], { replication: -1, grow: false });
    const configEntries = [
      { name: 'retention.ms', value: '5' },
      { name: 'max.message.bytes', value: '2' },
    ];
    assert.deepEqual(altered, [{ type: 2, name: 'a', configEntries }]);
  });

  it('is not asked again once all is closed', async () => {
    failures = [broken(), broken()];
    const asked = admin.find(NAMES);
    await new Promise(setImmediate);
    await admin.close();
    await assert.rejects(asked, { code: 'LOG_CLOSED' });
    assert.equal(failures.length, 1);
  });

  it('is not asked for ever', async () => {
    failures = Array.from({ length: 9 }, broken);
    await assert.rejects(admin.find(NAMES), { code: 'LOG_UNAVAILABLE' });
    assert.equal(failures.length, 5);
  });

  it('is not asked again where kafkajs has tried for long', async () => {
    failures = [new kafkajs.KafkaJSNumberOfRetriesExceeded(broken(), { retryCount: 34, retryTime: 500 })];
    await assert.rejects(admin.find(NAMES), { code: 'LOG_UNAVAILABLE' });
    assert.equal(failures.length, 0);
  });
});
