import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import type { ConfigSource, ISocketFactory, ISocketFactoryArgs, Kafka } from 'kafkajs';

const load = createRequire(import.meta.url);

/**
 * What Ordo uses of kafkajs 2.2.4 below its public consumer: the protocol requests of a broker, and the cluster's
 * metadata that finds brokers (docs/decisions/0010-the-group-protocol-is-our-own.md says why). The shapes are those of
 * kafkajs/src/cluster and kafkajs/src/broker; offsets travel as decimal strings.
 */
export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  isConnected(): boolean;
  /** The topics that are asked for; without any, all of the cluster are. */
  targetTopics: Set<string>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  removeBroker(address: { host: string; port: number }): void;
  findBroker(options: { nodeId: number }): Promise<Broker>;
  findGroupCoordinator(options: { groupId: string }): Promise<Broker>;
  findControllerBroker(): Promise<Broker>;
  findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[];
  fetchTopicsOffset(
    topics: readonly { topic: string; partitions: { partition: number }[]; fromBeginning: boolean }[],
  ): Promise<{ topic: string; partitions: { partition: number; offset: string }[] }[]>;
}

export interface Broker {
  nodeId: number;
  fetch(request: FetchRequest): Promise<FetchResponse>;
  joinGroup(request: JoinRequest): Promise<JoinResponse>;
  syncGroup(request: SyncRequest): Promise<{ memberAssignment: Buffer }>;
  heartbeat(request: MemberRequest): Promise<unknown>;
  leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>;
  offsetCommit(request: MemberRequest & { topics: TopicOf<CommitPartition>[] }): Promise<unknown>;
  offsetFetch(request: {
    groupId: string;
    topics: TopicOf<{ partition: number }>[];
  }): Promise<{ responses: TopicOf<FetchedOffset>[] }>;
  describeConfigs(request: {
    resources: { type: number; name: string }[];
    includeSynonyms: false;
  }): Promise<{ resources: { resourceName: string; configEntries: ConfigEntry[] }[] }>;
}

export interface TopicOf<P> {
  topic: string;
  partitions: P[];
}

export interface FetchRequest {
  /** 0: read uncommitted. */
  isolationLevel: 0;
  maxWaitTime: number;
  minBytes: number;
  maxBytes: number;
  topics: TopicOf<{ partition: number; fetchOffset: string; maxBytes: number }>[];
}

export interface FetchResponse {
  responses: { topicName: string; partitions: FetchedPartition[] }[];
}

export interface FetchedPartition {
  partition: number;
  highWatermark: string;
  messages: FetchedMessage[];
}

export interface FetchedMessage {
  offset: string;
  timestamp: string;
  key: Buffer | null;
  value: Buffer | null;
  /** A Buffer or null each, or a list of such where a name stands several times. */
  headers: Record<string, unknown>;
  isControlRecord?: boolean;
}

export interface JoinRequest {
  groupId: string;
  memberId: string;
  sessionTimeout: number;
  rebalanceTimeout: number;
  groupProtocols: { name: string; metadata: Buffer }[];
}

export interface JoinResponse {
  generationId: number;
  leaderId: string;
  memberId: string;
  members: { memberId: string; memberMetadata: Buffer }[];
}

export interface MemberRequest {
  groupId: string;
  groupGenerationId: number;
  memberId: string;
}

export interface SyncRequest {
  groupId: string;
  generationId: number;
  memberId: string;
  groupAssignment: { memberId: string; memberAssignment: Buffer }[];
}

interface CommitPartition {
  partition: number;
  offset: string;
  metadata: string;
}

interface FetchedOffset {
  partition: number;
  /** -1 where none was committed. */
  offset: string;
  metadata: string | null;
}

export interface ConfigEntry {
  configName: string;
  configValue: string;
  configSource: ConfigSource;
}

const CREATE_CLUSTER = 'private:Kafka:createCluster';

type CreateCluster = (options: { metadataMaxAge: number; allowAutoTopicCreation: boolean }) => Cluster & Internals;

/** What a cluster has inside. */
export interface Internals {
  brokerPool: { createBroker: (options: unknown) => MetadataBroker };
}

/** A broker as it asks for metadata: `lookupRequest` finds the request, and how the response to it is read. */
export interface MetadataBroker {
  metadata(topics?: readonly string[]): Promise<unknown>;
  lookupRequest(apiKey: number, api: unknown): (fields: unknown) => { request: unknown; response: MetadataResponse };
}

export interface MetadataResponse {
  parse(data: Metadata): Promise<unknown>;
}

export interface Metadata {
  topicMetadata: { partitionMetadata: { partitionErrorCode: number }[] }[];
}

/** A header as it stands in a record. */
export interface Header {
  key: string;
  value: Buffer | null;
}

/** What a record's decoder makes one object of. */
export interface HeaderList {
  reduce(): FetchedMessage['headers'];
}

type ReadHeader = (decoder: Decoder) => Header;

/** What reads the parts of an answer. Headers are what it reads by `readVarIntArray`, and nothing else is. */
interface Decoder {
  readVarIntArray: (this: Decoder, read: ReadHeader) => Header[] | HeaderList;
}

/** A cluster of its own connections, configured as the client is. */
export function createCluster(kafka: Kafka): Cluster {
  const { create } = creator(kafka);
  return create({ metadataMaxAge: 60_000, allowAutoTopicCreation: false });
}

/** Changes every cluster that the client creates from now on, those of its producers and admins too. */
export function eachCluster(kafka: Kafka, change: (cluster: Internals) => void): void {
  const { symbol, create } = creator(kafka);
  const changing: CreateCluster = (options) => {
    const cluster = create(options);
    change(cluster);
    return cluster;
  };
  Reflect.set(kafka, symbol, changing);
}

/** Changes how the headers of a record are put together, for every client in the process. */
export function eachHeaderList(change: (headers: Header[]) => HeaderList): void {
  const { decoder, readHeader } = decoding();
  const { readVarIntArray } = decoder;
  decoder.readVarIntArray = function (read) {
    const found = readVarIntArray.call(this, read);
    return read === readHeader && Array.isArray(found) ? change(found) : found;
  };
}

/** Opens a socket to a broker as clients do that are not told how. */
export function openKafkaSocket(options: ISocketFactoryArgs): Socket {
  const factory: () => ISocketFactory = load('kafkajs/src/network/socketFactory.js');
  return factory()(options);
}

function decoding(): { decoder: Decoder; readHeader: ReadHeader } {
  const { prototype: decoder }: { prototype: Decoder } = load('kafkajs/src/protocol/decoder.js');
  const readHeader: ReadHeader = load('kafkajs/src/protocol/recordBatch/header/v0/decoder.js');
  if (typeof decoder.readVarIntArray === 'function') return { decoder, readHeader };
  throw new TypeError('this kafkajs reads no headers that could be changed: is it 2.2.4?');
}

function creator(kafka: Kafka): { symbol: symbol; create: CreateCluster } {
  const symbol = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === CREATE_CLUSTER);
  const create: unknown = symbol && Reflect.get(kafka, symbol);
  if (!symbol || !isCreateCluster(create)) throw new TypeError('this kafkajs has no cluster to be had: is it 2.2.4?');
  return { symbol, create };
}

function isCreateCluster(value: unknown): value is CreateCluster {
  return typeof value === 'function';
}
