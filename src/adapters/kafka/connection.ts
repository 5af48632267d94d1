import type { Kafka } from 'kafkajs';
import { OrdoError } from '../../errors.ts';
import { isUnreachable, protocolError } from './failures.ts';
import { type Broker, type Cluster, createCluster } from './kafkajs.ts';
import { repeat } from './repeat.ts';

/** Errors after which the cluster's metadata may be out of date. */
const STALE = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'REPLICA_NOT_AVAILABLE',
]);

const WHILE_STALE = {
  attempts: 4,
  pause: { firstMs: 30, mostMs: 200 },
  after: (error: unknown) => STALE.has(protocolError(error) ?? ''),
};

/**
 * Connections of their own to a cluster, opened when they are first used and again when they broke. A broker answers the
 * requests of one connection one after the other, so what may wait long (a fetch, a join) keeps others waiting; kafkajs
 * gives fetches a second connection, and whoever must not wait for the rest takes a Connection of its own.
 */
export class Connection {
  readonly #kafka: Kafka;
  /** The broker that coordinates each group, by node, as far as it is known. */
  readonly #coordinators = new Map<string, number>();
  #opening: Promise<Cluster> | undefined;
  #closed = false;

  constructor(kafka: Kafka) {
    this.#kafka = kafka;
  }

  /**
   * Runs `work` with a connected cluster that knows where the topics are, if it is about some; a few times, while what is
   * known of them turns out to be old. Errors are kafkajs's, and LOG_CLOSED.
   */
  run<T>(topics: readonly string[], work: (cluster: Cluster) => Promise<T>): Promise<T> {
    return repeat(() => this.#once(topics, work), WHILE_STALE);
  }

  async #once<T>(topics: readonly string[], work: (cluster: Cluster) => Promise<T>): Promise<T> {
    this.#requireUnclosed();
    const cluster = await (this.#opening ??= this.#open());
    try {
      this.#requireUnclosed();
      if (!cluster.isConnected()) await cluster.connect();
      await cluster.addMultipleTargetTopics(topics);
      // Without topics all of the cluster would be asked for, now and then: what needs none asks anew when it fails.
      if (topics.length > 0) await cluster.refreshMetadataIfNecessary();
      return await work(cluster);
    } catch (error) {
      await recover(cluster, error);
      throw error;
    }
  }

  /** Runs `work` with the broker that coordinates the group; after an error, the next time asks anew which it is. */
  coordinated<T>(groupId: string, work: (broker: Broker) => Promise<T>): Promise<T> {
    return this.run([], async (cluster) => {
      try {
        return await work(await this.#coordinator(cluster, groupId));
      } catch (error) {
        this.#coordinators.delete(groupId);
        throw error;
      }
    });
  }

  async #coordinator(cluster: Cluster, groupId: string): Promise<Broker> {
    const nodeId = this.#coordinators.get(groupId);
    if (nodeId !== undefined) return cluster.findBroker({ nodeId });
    const broker = await cluster.findGroupCoordinator({ groupId });
    this.#coordinators.set(groupId, broker.nodeId);
    return broker;
  }

  /** Ends the connections; none is opened after that. */
  async close(): Promise<void> {
    this.#closed = true;
    const cluster = await this.#opening?.catch(() => undefined);
    await cluster?.disconnect().catch(() => {});
  }

  #requireUnclosed(): void {
    if (this.#closed) throw new OrdoError('LOG_CLOSED', 'the connection was closed');
  }

  async #open(): Promise<Cluster> {
    const cluster = createCluster(this.#kafka);
    try {
      await cluster.connect();
      return cluster;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }
}

/** Lets the next attempt find brokers that moved or were restarted. */
async function recover(cluster: Cluster, error: unknown): Promise<void> {
  if (!(error instanceof Error)) return;
  const { name, host, port, type } = error as Error & { host?: string; port?: number; type?: string };
  if (name === 'KafkaJSConnectionClosedError' && host !== undefined && port !== undefined) {
    cluster.removeBroker({ host, port });
  }
  // One that is no more would fail the request for all.
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION') cluster.targetTopics.clear();
  else if (cluster.isConnected() && (isUnreachable(error) || (type !== undefined && STALE.has(type)))) {
    await cluster.refreshMetadata().catch(() => {});
  }
}
