import type { OrdersByLoad } from '../domain/load.ts';
import type { DecisionRule } from '../domain/types.ts';
import type { Provider } from '../ports/scorer.ts';
import type { ImageLimits } from '../ports/tokenizer.ts';
import type { SecretReference } from './secrets.ts';

/**
 * A pipeline file, validated: paths absolute, sizes in bytes, durations in milliseconds, defaults filled in.
 *
 * It may be printed or logged whole, for it holds no secret, only where each is to be found (SecretReference). What needs
 * one reads it when it is opened (readSecret) and hands it to the client that asked for it, and to nothing else.
 */
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
    /** Decoder processes, 1 or more. */
    decoders: number;
    /** An image older than this when it is taken up, or between rounds, expires. Absent: never. */
    maxAgeMs?: number;
    claimCheck: {
      /** Images above this many bytes are put beside the log: into `s3` where it is set, else into `folder`. */
      aboveBytes: number;
      /** Read in any case: images may have been put there before `s3` was set. */
      folder: string;
      s3?: S3Spec;
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
    provider: Provider;
    precision: 'fp32' | 'int8';
    /** Which of several GPUs, for CUDA. */
    deviceId: number;
    /** Worker threads, one session each, of one thread on the CPU. */
    workers: number;
    tileRows: number;
    /** Longest wait of a row for its tile to fill. */
    maxDelayMs: number;
    /** Most images in flight in one scoring process. */
    maxImages: number;
  };
  decision: DecisionRule;
  /** How many orders are read while the score stage is behind. Absent: always as many as the plan has. */
  load?: OrdersByLoad;
  health: {
    host: string;
    port: number;
    /** Names under which the console is served, besides `host`, localhost and addresses. */
    names: string[];
  };
  /** OTLP/HTTP endpoint for traces, or where it is to be found if it holds a password; absent: tracing off. */
  tracing?: { endpoint: string | SecretReference };
}

export type LogSpec = SqliteLogSpec | KafkaLogSpec;

/** The embedded log. */
export interface SqliteLogSpec {
  type: 'sqlite';
  folder: string;
  sessionTimeoutMs: number;
}

/** A log on an Apache Kafka cluster. SecretReferences are named here, not held: see app/secrets.ts. */
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
  tls?: { ca?: string; cert?: string; key?: SecretReference; serverName?: string };
  sasl?: {
    mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    username: string | SecretReference;
    password: SecretReference;
  };
}

/** A part of a bucket of S3, or of a storage that speaks its protocol. */
export interface S3Spec {
  bucket: string;
  /** What all keys begin with: nothing, or a path that ends with a slash. */
  prefix: string;
  /** Absent: that of the environment or of the AWS configuration. */
  region?: string;
  /** Absent: that of AWS. */
  endpoint?: string;
  /** Whether URLs name the bucket in their path, not in their host. */
  pathStyle: boolean;
  /** Absent: those that the AWS client finds by itself. */
  credentials?: { accessKeyId: SecretReference; secretAccessKey: SecretReference };
  /** Where `s3:` references may point to besides: `bucket/`, or `bucket/prefix/`. */
  allowBuckets: string[];
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
