import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import { KafkaConsumer, type KafkaConsumerParts } from '../../../src/adapters/kafka/consumer.ts';
import type { Directory } from '../../../src/adapters/kafka/directory.ts';
import type { Broker } from '../../../src/adapters/kafka/kafkajs.ts';
import { Namespace } from '../../../src/adapters/kafka/namespace.ts';
import { openKafkaLog } from '../../../src/adapters/kafka/open.ts';
import type { Publisher } from '../../../src/adapters/kafka/publisher.ts';
import type { Log, LogRecord } from '../../../src/ports/log.ts';
import { join, record, records, rejectsWith, texts, until } from '../../contracts/log-harness.ts';
import { describeWithKafka } from '../../support/kafka/describe.ts';
import { FakeCoordinator, fakeCluster, fakeConnection, refusal } from '../../support/kafka/fakes.ts';

const SETTLE = { settleMs: 20_000 };

describe('a Kafka consumer', () => {
  let log: Log;
  const prefix = `${randomUUID()}.`;

  describeWithKafka('with a broker', (broker) => {
    beforeEach(async () => {
      log = openKafkaLog({
        brokers: broker().brokers,
        clientId: 'consumer',
        prefix,
        sessionTimeoutMs: 3000,
        topicSettings: { 'internal.segment.bytes': '1000000' },
      });
    });
    afterEach(() => log.close());

    it('counts what is deleted from under it while it reads', async () => {
      await log.ensureTopics([{ name: 'short', partitions: 1, retention: { maxBytes: 1_000_000 } }]);
      const lost: number[] = [];
      const consumer = await join(log, { topics: ['short'], onLost: (_, count) => lost.push(count) });
      await until('assigned', () => consumer.assignment().length === 1, SETTLE);
      const large = (text: string) => ({ ...record('short', 0, text), value: Buffer.alloc(400_000, text) });
      for (let i = 0; i < 30; i++) await log.publish([large(String(i))]);
      const start = async () => (await log.topics(['short']))[0]?.offsets[0]?.start ?? 0;
      await until('trimmed', async () => (await start()) > 20, SETTLE);
      let read = 0;
      let next = 0;
      while (next < 30) {
        const found = await consumer.poll({ maxRecords: 100, waitMs: 1000 });
        read += found.length;
        next = (found.at(-1)?.offset ?? next - 1) + 1;
      }
      assert.ok(lost.length > 0);
      assert.equal(read + lost.reduce((sum, count) => sum + count, 0), 30);
    }).timeout(60_000);

    it('begins anew a topic that was deleted and created again, as far as the caller is concerned too', async () => {
      await log.ensureTopics([{ name: 'again', partitions: 1 }]);
      await log.publish(records('again', 0, 20));
      const told: string[] = [];
      const consumer = await join(log, {
        topics: ['again'],
        onAssigned: (partitions) => told.push(...partitions.map(({ offset }) => `from ${offset}`)),
        onRevoked: async (partitions) => void told.push(`${partitions.length} revoked`),
      });
      let read = 0;
      while (read < 20) read += (await consumer.poll({ maxRecords: 100, waitMs: 1000 })).length;
      await consumer.commit({
        publish: [],
        offsets: [{ topic: 'again', partition: 0, offset: 20, metadata: '' }],
      });
      const admin = new kafkajs.Kafka({
        brokers: [...broker().brokers],
        logLevel: kafkajs.logLevel.NOTHING,
      }).admin();
      await admin.connect();
      await admin.deleteTopics({ topics: [`${prefix}again`] });
      // Once created it is not created again, and to wait for its leader fails where the broker does not know it yet.
      const fresh = { topics: [{ topic: `${prefix}again`, numPartitions: 1 }], waitForLeaders: false };
      await until('created again', () => admin.createTopics(fresh).catch(() => false), SETTLE);
      await admin.disconnect();
      await until(
        'published',
        () =>
          log.publish(records('again', 0, 3, 100)).then(
            () => true,
            () => false,
          ),
        SETTLE,
      );
      const found = [];
      while (found.length < 3) {
        found.push(...(await consumer.poll({ maxRecords: 100, waitMs: 1000 }).catch(() => [])));
      }
      assert.deepEqual(texts(found), ['100', '101', '102']);
      assert.deepEqual(told, ['from 0', '1 revoked', 'from 0']);
    }).timeout(60_000);

    it('reads what producers compressed, held to its true size', async () => {
      await log.ensureTopics([{ name: 'packed', partitions: 1, inputOnly: true }]);
      const kafka = new kafkajs.Kafka({ brokers: [...broker().brokers], logLevel: kafkajs.logLevel.NOTHING });
      const producer = kafka.producer({ retry: { retries: 0 } });
      await producer.connect();
      const send = (value: Buffer) =>
        producer.send({
          topic: `${prefix}packed`,
          compression: kafkajs.CompressionTypes.GZIP,
          messages: [{ value }],
        });
      await assert.rejects(send(Buffer.alloc(3_000_000)), /larger|too large|max message size/i);
      await send(Buffer.from('small'));
      await producer.disconnect();
      const consumer = await join(log, { topics: ['packed'] });
      let found: LogRecord[] = [];
      while (found.length === 0) found = await consumer.poll({ maxRecords: 10, waitMs: 1000 });
      assert.deepEqual(texts(found), ['small']);
    }).timeout(60_000);

    it('ends for good where its group speaks another protocol', async () => {
      await log.ensureTopics([{ name: 'a', partitions: 1 }]);
      const kafka = new kafkajs.Kafka({ brokers: [...broker().brokers], logLevel: kafkajs.logLevel.NOTHING });
      const foreign = kafka.consumer({ groupId: `${prefix}foreign` });
      await foreign.subscribe({ topics: [`${prefix}a`] });
      const joined = new Promise((resolve) => foreign.on(foreign.events.GROUP_JOIN, resolve));
      await foreign.run({ eachMessage: async () => {} });
      await joined;
      const consumer = await join(log, { group: 'foreign', topics: ['a'] });
      await rejectsWith('LOG_REFUSED', consumer.poll({ maxRecords: 1, waitMs: 10_000 }));
      await rejectsWith('LOG_REFUSED', consumer.commit({ publish: [], offsets: [] }));
      await foreign.disconnect();
    }).timeout(60_000);

    it('reads records that another client wrote: without headers, key or value, and with transaction marks between', async () => {
      await log.ensureTopics([{ name: 'foreign', partitions: 1 }]);
      const kafka = new kafkajs.Kafka({ brokers: [...broker().brokers], logLevel: kafkajs.logLevel.NOTHING });
      const producer = kafka.producer({ transactionalId: randomUUID(), idempotent: true, maxInFlightRequests: 1 });
      await producer.connect();
      for (const value of ['x', null]) {
        const transaction = await producer.transaction();
        await transaction.send({ topic: `${prefix}foreign`, messages: [{ value }] });
        await transaction.commit();
      }
      await producer.disconnect();
      await log.publish(records('foreign', 0, 1, 7));
      const consumer = await join(log, { topics: ['foreign'] });
      const found = [];
      while (found.length < 3) found.push(...(await consumer.poll({ maxRecords: 10, waitMs: 1000 })));
      assert.deepEqual(texts(found), ['x', '', '7']);
      assert.deepEqual([found[0]?.key.length, found[0]?.headers], [0, {}]);
    }).timeout(60_000);

    it('moves past the transaction mark behind the last record that was committed, and keeps its metadata', async () => {
      await log.ensureTopics([{ name: 'marked', partitions: 1 }]);
      const kafka = new kafkajs.Kafka({ brokers: [...broker().brokers], logLevel: kafkajs.logLevel.NOTHING });
      const producer = kafka.producer({ transactionalId: randomUUID(), idempotent: true, maxInFlightRequests: 1 });
      await producer.connect();
      const consumer = await join(log, { group: 'marks', topics: ['marked'] });
      const transaction = await producer.transaction();
      await transaction.send({ topic: `${prefix}marked`, messages: [{ value: 'x' }] });
      let found: LogRecord[] = [];
      while (found.length === 0) found = await consumer.poll({ maxRecords: 10, waitMs: 1000 });
      const committed = async () =>
        (await log.committed('marks')).map(({ offset, metadata }) => ({ offset, metadata }));
      const offsets = [{ topic: 'marked', partition: 0, offset: 1, metadata: 'own' }];
      await consumer.commit({ publish: [], offsets });
      assert.deepEqual(await committed(), [{ offset: 1, metadata: 'own' }]);
      await transaction.commit();
      await producer.disconnect();
      await until('past it', async () => (await committed())[0]?.offset === 2, SETTLE);
      assert.deepEqual(await committed(), [{ offset: 2, metadata: 'own' }]);
      await consumer.commit({ publish: [], offsets });
      await until('past it again', async () => (await committed())[0]?.offset === 2, SETTLE);
    }).timeout(60_000);
  });

  describe('whose coordinator forgets it', () => {
    let coordinator: FakeCoordinator;
    let consumer: KafkaConsumer;
    let published: number;
    let publishing: Promise<void>;
    const commit = () => {
      const offsets = [{ topic: 't', partition: 0, offset: 0, metadata: '' }];
      return consumer.commit({ publish: records('t', 0, 1), offsets });
    };

    beforeEach(async () => {
      published = 0;
      publishing = Promise.resolve();
      const publish = async () => {
        published += 1;
        await publishing;
      };
      coordinator = new FakeCoordinator([0]);
      consumer = openFaked(coordinator.broker, { publish });
      await until('assigned', () => consumer.assignment().length === 1, SETTLE);
    });
    afterEach(() => consumer.close());

    it('publishes the outputs of a refused commit once', async () => {
      coordinator.forget();
      for (let attempt = 0; attempt < 3; attempt++) await rejectsWith('LOG_FENCED', commit());
      assert.equal(published, 1);
    });

    it('ends a commit under way when it closes, for nothing says any more whose the partitions are', async () => {
      const gate = Promise.withResolvers<void>();
      publishing = gate.promise;
      const committing = commit();
      await until('publishing', () => published === 1, SETTLE);
      await consumer.close();
      coordinator.forget();
      gate.resolve();
      await rejectsWith('LOG_CLOSED', committing);
    });

    it('does not commit under a new membership what it read under the old', async () => {
      const gate = Promise.withResolvers<void>();
      publishing = gate.promise;
      const committing = commit();
      coordinator.forget();
      await until('joined anew', () => coordinator.joins.length === 2, SETTLE);
      await until('assigned anew', () => consumer.assignment().length === 1, SETTLE);
      await consumer.poll({ maxRecords: 1, waitMs: 0 });
      gate.resolve();
      await rejectsWith('LOG_FENCED', committing);
    });
  });

  describe('that cannot begin with its partitions', () => {
    let consumer: KafkaConsumer;
    let refused: string | undefined;
    const polling = async () => {
      for (;;) await consumer.poll({ maxRecords: 1, waitMs: 100 });
    };

    function open(type: string): void {
      refused = type;
      const offsetFetch: Broker['offsetFetch'] = async () => {
        if (refused !== undefined) throw refusal(refused);
        return { responses: [] };
      };
      const { broker } = new FakeCoordinator([0]);
      consumer = openFaked({ ...broker, offsetFetch }, { publish: async () => {} });
    }
    afterEach(() => consumer.close());

    it('says so, though its heartbeats are answered, for as long as it lasts', async () => {
      open('COORDINATOR_LOAD_IN_PROGRESS');
      await rejectsWith('LOG_UNAVAILABLE', polling());
      refused = undefined;
      await until('begun', () => consumer.assignment().length === 1, SETTLE);
      assert.deepEqual(await consumer.poll({ maxRecords: 1, waitMs: 0 }), []);
    });

    it('ends for good where time heals nothing', async () => {
      open('GROUP_AUTHORIZATION_FAILED');
      await rejectsWith('LOG_FORBIDDEN', polling());
      refused = undefined;
      await rejectsWith('LOG_FORBIDDEN', consumer.poll({ maxRecords: 1, waitMs: 0 }));
    });
  });
});

/** A consumer of topic `t` with one partition, whose cluster answers what the broker is told to. */
function openFaked(broker: Partial<Broker>, publisher: Pick<Publisher, 'publish'>): KafkaConsumer {
  const connection = fakeConnection({ broker, cluster: fakeCluster(1) });
  const parts: KafkaConsumerParts = {
    options: { group: 'g', topics: ['t'], from: 'earliest', sessionTimeoutMs: 3000 },
    namespace: new Namespace(''),
    publisher: publisher as Publisher,
    directory: { requirePartitions: async () => {} } as unknown as Directory,
    maxRecordBytes: 1000,
    connections: { membership: connection, fetch: connection, side: connection },
    onClosed: () => {},
  };
  return new KafkaConsumer(parts);
}
