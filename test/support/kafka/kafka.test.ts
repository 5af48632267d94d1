import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import type { Broker } from './broker.ts';
import { describeWithKafka } from './describe.ts';
import { kafkaBroker } from './kafka.ts';

let first: Broker | undefined;

describeWithKafka('the shared Kafka broker', (broker) => {
  let admin: Admin;
  beforeEach(async () => {
    first = broker();
    admin = new Kafka({ brokers: [...broker().brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
  });
  afterEach(() => admin.disconnect());

  it('creates, lists and deletes topics', async () => {
    const topic = randomUUID();
    assert.ok(await admin.createTopics({ topics: [{ topic, numPartitions: 3 }] }));
    assert.ok((await admin.listTopics()).includes(topic));
    await admin.deleteTopics({ topics: [topic] });
    assert.ok(!(await admin.listTopics()).includes(topic));
  });
});

describeWithKafka('another suite with the shared Kafka broker', (broker) => {
  it('has the same one', () => {
    assert.equal(broker(), first);
  });
});

describe('kafkaBroker', () => {
  const inherited = process.env['KAFKA_BROKERS'];
  afterEach(() => {
    if (inherited === undefined) delete process.env['KAFKA_BROKERS'];
    else process.env['KAFKA_BROKERS'] = inherited;
  });

  it('takes the broker that the environment names before any other', async () => {
    process.env['KAFKA_BROKERS'] = 'elsewhere:9092';
    const { kind, brokers } = await kafkaBroker();
    assert.deepEqual([kind, brokers], ['given', ['elsewhere:9092']]);
  });
});
