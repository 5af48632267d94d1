import type { KafkaSasl, KafkaTls } from '../adapters/kafka/client.ts';
import { hasSqliteLog, openSqliteLog } from '../adapters/sqlite/open.ts';
import { OrdoError } from '../errors.ts';
import type { Log, TopicSpec } from '../ports/log.ts';
import type { Logger } from '../ports/logger.ts';
import { readSecret } from './secrets.ts';
import { type KafkaLogSpec, type PipelineSpec, topicNames } from './spec.ts';

/**
 * What becomes of a pipeline's topics. `apply`: those that are missing are created, the retention of the others is set.
 * `create`: the others stay as they are. `leave`: nothing is created or changed, nor a log where there is none.
 */
export type TopicsMode = 'apply' | 'create' | 'leave';

export interface OpenLogOptions {
  /** Told what the log's client tries again by itself. */
  logger?: Logger | undefined;
  /** Default: `apply`. */
  topics?: TopicsMode;
}

/**
 * Opens a pipeline's log and sees to its topics; where the pipeline manages none, only that they are there.
 * Errors: LOG_UNAVAILABLE, LOG_CORRUPT, LOG_TOPIC_CONFLICT, LOG_TOPIC_UNKNOWN, LOG_FORBIDDEN, PIPELINE_INVALID (a secret).
 */
export async function openLog(spec: PipelineSpec, { logger, topics = 'apply' }: OpenLogOptions = {}): Promise<Log> {
  if (topics === 'leave') requireLog(spec);
  const log = await openAnyLog(spec, logger);
  try {
    await provide(log, spec, topics);
    return log;
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** The topics a pipeline needs; without the model's name those that have none in theirs. */
export function topicsOf(spec: Pick<PipelineSpec, 'name' | 'modelName' | 'topics'>): TopicSpec[] {
  const { partitions, retention } = spec.topics;
  const { images, tasks, tasksNext, evidence, ...common } = topicNames(spec);
  const names = [...Object.values(common), ...(spec.modelName ? [tasks, tasksNext, evidence] : [])];
  return [{ name: images, inputOnly: true }, ...names.map((name) => ({ name }))].map((topic) => ({
    ...topic,
    partitions,
    retention,
  }));
}

/** How a pipeline's cluster is reached, with its secrets. Errors: PIPELINE_INVALID (a secret). */
export function kafkaConnection({ brokers, tls, sasl }: KafkaLogSpec, pipeline: Pick<PipelineSpec, 'name' | 'file'>) {
  const { name, file } = pipeline;
  return {
    brokers,
    clientId: `ordo-${name}`,
    ...(tls && { tls: readTls(tls, file) }),
    ...(sasl && { sasl: readSasl(sasl, file) }),
  };
}

async function openAnyLog(spec: PipelineSpec, logger?: Logger): Promise<Log> {
  const { log } = spec;
  if (log.type === 'sqlite') return openSqliteLog({ folder: log.folder, sessionTimeoutMs: log.sessionTimeoutMs });
  const { prefix, replication, maxRecordBytes, sessionTimeoutMs } = log;
  const connection = kafkaConnection(log, spec);
  const settings = { prefix, replication, maxRecordBytes, sessionTimeoutMs };
  // Loaded only where it is used: the embedded log starts without it.
  const { openKafkaLog } = await import('../adapters/kafka/open.ts');
  return openKafkaLog({ ...connection, ...settings, ...(logger && { logger }) });
}

/** An embedded log is created by opening it, which a command that only looks must not do. */
function requireLog({ log }: PipelineSpec): void {
  if (log.type !== 'sqlite' || hasSqliteLog(log.folder)) return;
  throw new OrdoError('LOG_TOPIC_UNKNOWN', `there is no log in ${log.folder}: ordo up and ordo produce create it`);
}

async function provide(log: Log, spec: PipelineSpec, mode: TopicsMode): Promise<void> {
  if (mode === 'leave') return;
  const wanted = topicsOf(spec);
  const managed = spec.log.type === 'sqlite' || spec.log.manageTopics;
  if (managed && mode === 'apply') return log.ensureTopics(wanted);
  const found = await log.topics(wanted.map(({ name }) => name));
  const created = managed ? wanted.filter(({ name }) => found.every((topic) => topic.name !== name)) : [];
  if (created.length > 0) await log.ensureTopics(created);
  requireTopics(wanted, [...found, ...created]);
}

function requireTopics(wanted: readonly TopicSpec[], found: readonly Pick<TopicSpec, 'name' | 'partitions'>[]): void {
  for (const { name, partitions } of wanted) {
    const have = found.find((topic) => topic.name === name)?.partitions ?? 0;
    if (have === 0) throw new OrdoError('LOG_TOPIC_UNKNOWN', `there is no topic ${name}: see ordo topics apply`);
    if (have >= partitions) continue;
    throw new OrdoError('LOG_TOPIC_CONFLICT', `topic ${name} has ${have} partitions, ${partitions} are wanted`);
  }
}

type TlsSpec = NonNullable<KafkaLogSpec['tls']>;
type SaslSpec = NonNullable<KafkaLogSpec['sasl']>;

function readTls({ ca, cert, key, serverName }: TlsSpec, file: string): KafkaTls {
  return {
    ...(ca !== undefined && { ca: readSecret({ file: ca }, { file, field: 'log.tls.ca' }) }),
    ...(cert !== undefined && { cert: readSecret({ file: cert }, { file, field: 'log.tls.cert' }) }),
    ...(key !== undefined && { key: readSecret(key, { file, field: 'log.tls.key' }) }),
    ...(serverName !== undefined && { serverName }),
  };
}

function readSasl({ mechanism, username, password }: SaslSpec, file: string): KafkaSasl {
  return {
    mechanism,
    username: typeof username === 'string' ? username : readSecret(username, { file, field: 'log.sasl.username' }),
    password: readSecret(password, { file, field: 'log.sasl.password' }),
  };
}
