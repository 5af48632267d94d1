import type { DecisionRule } from '../domain/types.ts';
import type { ImageLimits } from '../ports/tokenizer.ts';
import type { Secret } from './secrets.ts';

/** A pipeline file, validated: paths absolute, sizes in bytes, durations in milliseconds, defaults filled in. */
export interface PipelineSpec {
  /** Names the topics and groups; letters, digits, `-` and `_`. */
  name: string;
  /** The file it came from. */
  file: string;
  /** The model folder. */
  model: string;
  /** `<name>-<version>` of the model's manifest; empty where there is no manifest to read. */
  modelName: string;
  log: LogSpec;
  topics: { partitions: number; retention: { maxBytes?: number; maxAgeMs?: number } };
  images: ImageLimits & {
    /** An image older than this when it is taken up, or between rounds, expires. Absent: never. */
    maxAgeMs?: number;
    claimCheck: {
      /** Images above this many bytes are put beside the log. */
      aboveBytes: number;
      folder: string;
      /** Folders that `file:` references may point into, besides `folder`. */
      allowFolders: string[];
      /** Host names that `http(s):` references may name; `*` allows any public one. Empty: none. */
      allowHosts: string[];
      /** Whether such hosts may have private or loopback addresses. */
      allowPrivate: boolean;
      timeoutMs: number;
    };
  };
  scoring: {
    provider: 'cpu';
    /** Worker threads, one session of one thread each. */
    workers: number;
    tileRows: number;
    /** Longest wait of a row for its tile to fill. */
    maxDelayMs: number;
    /** Most images in flight in one scoring process. */
    maxImages: number;
  };
  decision: DecisionRule;
  health: { host: string; port: number };
  /** OTLP/HTTP endpoint for traces; absent: tracing off. */
  tracing?: { endpoint: string };
}

export type LogSpec = SqliteLogSpec | KafkaLogSpec;

/** The embedded log. */
export interface SqliteLogSpec {
  type: 'sqlite';
  folder: string;
  sessionTimeoutMs: number;
}

/** A log on an Apache Kafka cluster. Secrets are named here, not held: see app/secrets.ts. */
export interface KafkaLogSpec {
  type: 'kafka';
  brokers: string[];
  sessionTimeoutMs: number;
  /** Before the names of topics and groups. */
  prefix: string;
  /** Replication factor of new topics; -1: the cluster's default. */
  replication: number;
  /** Largest record that may be published. */
  maxRecordBytes: number;
  /** Whether processes create and adjust topics themselves; else `ordo topics apply` must have done so. */
  manageTopics: boolean;
  /** Files of the CA's and the client's certificates, PEM. */
  tls?: { ca?: string; cert?: string; key?: Secret; serverName?: string };
  sasl?: { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string | Secret; password: Secret };
}

export const STAGES = ['tokenize', 'score', 'aggregate'] as const;
export type StageName = (typeof STAGES)[number];

/** What topics and groups are named by. */
export type PipelineNames = Pick<PipelineSpec, 'name' | 'modelName'>;

/**
 * The topics of a pipeline. What only one model can read is named by the model too, so that the processes of an old one
 * finish their work beside those of a new one.
 */
export function topicNames({ name, modelName }: PipelineNames) {
  const work = `${name}.${modelName}`;
  return {
    images: `${name}.images`,
    tasks: `${work}.tasks`,
    tasksNext: `${work}.tasks.next`,
    evidence: `${work}.evidence`,
    labels: `${name}.labels`,
    deadLetters: `${name}.dead-letters`,
    resolved: `${name}.dead-letters.resolved`,
  };
}

/** The consumer group of a stage. */
export function groupName({ name, modelName }: PipelineNames, stage: StageName): string {
  return stage === 'tokenize' ? `${name}.${stage}` : `${name}.${modelName}.${stage}`;
}
