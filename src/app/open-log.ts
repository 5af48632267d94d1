import type { KafkaSasl, KafkaTls } from '../adapters/kafka/client.ts';
import { openSqliteLog } from '../adapters/sqlite/open.ts';
import { OrdoError } from '../errors.ts';
import type { Log, TopicSpec } from '../ports/log.ts';
import type { Logger } from '../ports/logger.ts';
import { readSecret } from './secrets.ts';
import { type KafkaLogSpec, type PipelineSpec, topicNames } from './spec.ts';

/**
 * Opens a pipeline's log and creates the topics that are missing, or, where the pipeline manages none, sees that they
 * are there. `logger` is told what the log's client tries again by itself.
 * Errors: LOG_UNAVAILABLE, LOG_CORRUPT, LOG_TOPIC_CONFLICT, LOG_TOPIC_UNKNOWN, LOG_FORBIDDEN, PIPELINE_INVALID (a secret).
 */
export async function openLog(spec: PipelineSpec, logger?: Logger): Promise<Log> {
  const log = await openAnyLog(spec, logger);
  try {
    await provide(log, spec);
    return log;
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** The topics a pipeline needs; without the model's name those that have none in theirs. */
export function topicsOf(spec: Pick<PipelineSpec, 'name' | 'modelName' | 'topics'>): TopicSpec[] {
  const { partitions, retention } = spec.topics;
  const { tasks, tasksNext, evidence, ...common } = topicNames(spec);
  const names = [...Object.values(common), ...(spec.modelName ? [tasks, tasksNext, evidence] : [])];
  return names.map((name) => ({ name, partitions, retention }));
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

async function provide(log: Log, spec: PipelineSpec): Promise<void> {
  const wanted = topicsOf(spec);
  if (spec.log.type === 'sqlite' || spec.log.manageTopics) return log.ensureTopics(wanted);
  const found = await log.topics(wanted.map(({ name }) => name));
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
