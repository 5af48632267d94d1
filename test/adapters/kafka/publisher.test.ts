import assert from 'node:assert/strict';
import type { Kafka, ProducerBatch } from 'kafkajs';
import { owned } from '../../../src/adapters/kafka/messages.ts';
import { Namespace } from '../../../src/adapters/kafka/namespace.ts';
import { Publisher } from '../../../src/adapters/kafka/publisher.ts';
import { newRecord } from '../../support/records.ts';

/** A cluster that takes batches of so many bytes of values, and the sizes of those sent. */
function cluster(most: number) {
  const sizes: number[] = [];
  const producer = {
    connect: async () => {},
    disconnect: async () => {},
    async sendBatch({ topicMessages = [] }: ProducerBatch) {
      const messages = topicMessages.flatMap((topic) => topic.messages);
      const bytes = messages.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
      sizes.push(bytes);
      if (bytes > most) throw Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE' });
    },
  };
  return { sizes, kafka: { producer: () => producer } as unknown as Kafka };
}

const record = (bytes: number) => owned({ ...newRecord(''), value: new Uint8Array(bytes) });

describe('Publisher', () => {
  const open = (kafka: Kafka, maxRecordBytes: number) =>
    new Publisher(kafka, { namespace: new Namespace(''), maxRecordBytes });

  it('sends no more at a time than a record may have, since batches are held to that', async () => {
    const { sizes, kafka } = cluster(1000);
    await open(kafka, 1000).publish(Array.from({ length: 9 }, () => record(300)));
    assert.deepEqual(sizes, [900, 900, 900]);
  });

  it('rejects the call whose record is too large, and not those that travelled with it', async () => {
    const { sizes, kafka } = cluster(500);
    const publisher = open(kafka, 10_000);
    const calls = [100, 600, 200].map((bytes) => publisher.publish([record(bytes)]));
    const settled = await Promise.allSettled(calls);
    assert.deepEqual(
      settled.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(sizes, [900, 100, 600, 200]);
    await publisher.publish([record(50)]);
  });
});
