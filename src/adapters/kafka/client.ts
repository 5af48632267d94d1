import kafkajs, { type Kafka, type KafkaConfig, type SASLOptions } from 'kafkajs';
import type { Logger } from '../../ports/logger.ts';
import { readManyHeaders } from './headers.ts';
import { bearLeaderless } from './leaderless.ts';
import { openSocket } from './sockets.ts';

/** Where a cluster is and how it is reached. */
export interface KafkaConnection {
  /** `host:port`, one or more. */
  brokers: readonly string[];
  clientId: string;
  /** Absent: no TLS. */
  tls?: KafkaTls;
  sasl?: KafkaSasl;
}

export interface KafkaTls {
  /** PEM; absent: the CAs that Node knows. */
  ca?: string;
  /** PEM; for clusters that ask clients for a certificate. */
  cert?: string;
  key?: string;
  /** Name that the brokers' certificates carry, if it is not the host that is connected to. */
  serverName?: string;
}

export interface KafkaSasl {
  mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  username: string;
  password: string;
}

/**
 * How long kafkajs itself tries again: about 13 seconds, which outlives a broker's restart, and half a minute more where
 * nothing answers and each attempt takes its whole time. It must stand here and not on the producer, since connecting uses
 * the retries of the client.
 */
const RETRY = { initialRetryTime: 50, maxRetryTime: 2000, retries: 9 };
const CONNECT_MS = 3000;

/** A kafkajs client. `longestRequestMs`: how long the slowest request may take, which is joining a group. */
export function openClient(connection: KafkaConnection, longestRequestMs: number, logger?: Logger): Kafka {
  const { brokers, clientId, tls, sasl } = connection;
  const kafka = new kafkajs.Kafka({
    brokers: [...brokers],
    clientId,
    connectionTimeout: CONNECT_MS,
    socketFactory: openSocket,
    requestTimeout: Math.max(30_000, longestRequestMs),
    retry: RETRY,
    ...(tls && { ssl: secureContext(tls) }),
    ...(sasl && { sasl: sasl as SASLOptions }),
    logLevel: logger ? kafkajs.logLevel.ERROR : kafkajs.logLevel.NOTHING,
    logCreator: () => (entry) => pass(entry.log.message, entry.log, logger),
  });
  bearLeaderless(kafka);
  readManyHeaders();
  return kafka;
}

function secureContext({ ca, cert, key, serverName }: KafkaTls): Exclude<KafkaConfig['ssl'], boolean | undefined> {
  return {
    ...(ca !== undefined && { ca: [ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(serverName !== undefined && { servername: serverName }),
  };
}

/** What kafkajs calls errors it tries again by itself; what comes of them is reported by the call that failed. */
function pass(message: string, { broker, groupId }: Record<string, unknown>, logger?: Logger): void {
  logger?.warn({ kafka: { broker, groupId } }, message);
}
