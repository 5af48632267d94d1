import type { Log } from '../../ports/log.ts';
import type { Logger } from '../../ports/logger.ts';
import { type KafkaConnection, openClient } from './client.ts';
import { KafkaLog } from './log.ts';
import { Namespace } from './namespace.ts';
import { Topics } from './planned-topics.ts';
import { TopicAdmin } from './topic-admin.ts';

export interface KafkaLogOptions extends KafkaConnection {
  /** Before the names of topics and groups on the cluster; default none. */
  prefix?: string;
  /** For consumers that name none; default 10000. The cluster bounds it (group.min.session.timeout.ms, group.max...). */
  sessionTimeoutMs?: number;
  /** Most bytes of a record's key, headers and value together; default 1 MiB. Beyond: RECORD_TOO_LARGE. */
  maxRecordBytes?: number;
  /** Replication factor of topics created; default -1, the cluster's own. */
  replication?: number;
  /** Settings of topics created, by Kafka's names, besides those that Ordo sets. */
  topicSettings?: Readonly<Record<string, string>>;
  /** Told what the client tries again by itself. */
  logger?: Logger;
}

/** The longest that a join may take beyond the session: see Membership. */
const JOIN_SLACK_MS = 10_000;

/**
 * Opens a log on an Apache Kafka cluster (4.x; any that speaks the classic group protocol). Connects when first used.
 *
 * `onRevoked` is also called, after the fact, for partitions that were lost because the session expired; it is not
 * called by `close`. Publish comes before commit, so outputs may be published twice, byte for byte the same.
 */
export function openKafkaLog(options: KafkaLogOptions): Log {
  const { prefix = '', sessionTimeoutMs = 10_000, maxRecordBytes = 1024 * 1024, replication = -1 } = options;
  const kafka = openClient(options, sessionTimeoutMs + JOIN_SLACK_MS, options.logger);
  const { topicSettings = {} } = options;
  return new KafkaLog({
    kafka,
    namespace: new Namespace(prefix),
    sessionTimeoutMs,
    maxRecordBytes,
    replication,
    topicSettings,
  });
}

/** Opens the topics of a log on a cluster, to plan and make changes. Connects when first used. */
export function openPlannedTopics(options: Omit<KafkaLogOptions, 'sessionTimeoutMs'>): Topics {
  const { prefix = '', maxRecordBytes = 1024 * 1024, replication = -1, topicSettings = {} } = options;
  const admin = new TopicAdmin(openClient(options, 0, options.logger));
  return new Topics(admin, { namespace: new Namespace(prefix), maxRecordBytes, replication, topicSettings });
}

/** Opens what administers the topics of a cluster. Connects when first used. */
export function openTopicAdmin(connection: KafkaConnection): TopicAdmin {
  return new TopicAdmin(openClient(connection, 0));
}
