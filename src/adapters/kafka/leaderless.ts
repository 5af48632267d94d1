import type { Kafka } from 'kafkajs';
import { eachCluster, type Metadata, type MetadataBroker } from './kafkajs.ts';

/**
 * Lets a client bear partitions that have no leader where it asks for all topics of its cluster. kafkajs does so wherever
 * it wants to know the brokers alone (as a producer starts, before it asks for a group's coordinator), and would fail
 * for one such partition of anybody's topic. Where it asks for topics by name it fails as before, and tries again.
 */
export function bearLeaderless(kafka: Kafka): void {
  eachCluster(kafka, ({ brokerPool }) => {
    const { createBroker } = brokerPool;
    brokerPool.createBroker = (options) => bearing(createBroker(options));
  });
}

function bearing(broker: MetadataBroker): MetadataBroker {
  const lookupRequest: MetadataBroker['lookupRequest'] = (apiKey, api) => (fields) => {
    const { request, response } = broker.lookupRequest(apiKey, api)(fields);
    return { request, response: { ...response, parse: (data) => response.parse(withoutErrors(data)) } };
  };
  const ofTopics = broker.metadata.bind(broker);
  const ofAll: MetadataBroker['metadata'] = broker.metadata.bind(
    Object.create(broker, { lookupRequest: { value: lookupRequest } }),
  );
  broker.metadata = (topics = []) => (topics.length > 0 ? ofTopics(topics) : ofAll(topics));
  return broker;
}

function withoutErrors({ topicMetadata, ...data }: Metadata): Metadata {
  const topics = topicMetadata.map(({ partitionMetadata, ...topic }) => ({
    ...topic,
    partitionMetadata: partitionMetadata.map((partition) => ({ ...partition, partitionErrorCode: 0 })),
  }));
  return { ...data, topicMetadata: topics };
}
