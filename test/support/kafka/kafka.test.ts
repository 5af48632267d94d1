import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { describeWithKafka } from './describe.ts';

describeWithKafka('the shared Kafka broker', (broker) => {
  it('creates, lists and deletes topics', async () => {
    const admin = new Kafka({ brokers: [...broker().brokers], logLevel: logLevel.NOTHING }).admin();
    const topic = randomUUID();
    await admin.connect();
    assert.ok(await admin.createTopics({ topics: [{ topic, numPartitions: 3 }] }));
    assert.ok((await admin.listTopics()).includes(topic));
    await admin.deleteTopics({ topics: [topic] });
    assert.ok(!(await admin.listTopics()).includes(topic));
    await admin.disconnect();
  });
});
