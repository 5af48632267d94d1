import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { MAX_RECORD_BYTES } from '../adapters/sqlite/limits.ts';
import { OrdoError } from '../errors.ts';
import { httpUrl, namesUser } from './fields.ts';
import { LocatedYaml, type Problem, show } from './located-yaml.ts';
import { HOST_PORT } from './log-schema.ts';
import { type PipelineFile, pipelineSchema } from './pipeline-schema.ts';
import type { Plan } from '../domain/types.ts';
import { type ModelFacts, readModelFacts } from './model-facts.ts';
import { usualDecoders, usualWorkers } from './provider.ts';
import type { SecretReference } from './secrets.ts';
import type { KafkaLogSpec, LogSpec, PipelineSpec, S3Spec } from './spec.ts';

type Tls = NonNullable<Extract<PipelineFile['log'], { type: 'kafka' }>['tls']>;
type Sasl = NonNullable<KafkaLogSpec['sasl']>;

export interface LoadPipelineOptions {
  /** Finds what else is wrong with a specification that is valid in itself, by the path of the field. */
  check?: (spec: PipelineSpec) => Problem[] | Promise<Problem[]>;
  /** The environment; OTEL_EXPORTER_OTLP_ENDPOINT overrides `tracing.endpoint`. Default: the process's. */
  env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads and validates a pipeline file (YAML 1.2, no interpolation): relative paths become absolute by the file's folder,
 * and defaults are filled in.
 *
 * Errors: PIPELINE_NOT_FOUND; PIPELINE_INVALID with every problem on a line of its own, each as
 * `file:line:column: field: what was expected, what was found`.
 */
export async function loadPipeline(file: string, options: LoadPipelineOptions = {}): Promise<PipelineSpec> {
  const yaml = new LocatedYaml(file, await readText(file));
  const parsed = yaml.validate(pipelineSchema);
  const model = await readModelFacts(resolve(dirname(resolve(file)), parsed.model));
  const spec = toSpec(resolve(file), parsed, model, options.env ?? process.env);
  yaml.raise([...checkSizes(spec), ...checkLoad(spec), ...checkWorkers(spec)]);
  yaml.raise((await options.check?.(spec)) ?? []);
  return spec;
}

/** What a record holds of an image beside its bytes, at most: names, attributes, the trace. */
const IMAGE_OVERHEAD = 64 * 1024;

/** An image that travels inline must fit into a record. */
function checkSizes({ log, images }: PipelineSpec): Problem[] {
  const { aboveBytes } = images.claimCheck;
  const limit = log.type === 'kafka' ? log.maxRecordBytes : MAX_RECORD_BYTES;
  if (aboveBytes + IMAGE_OVERHEAD <= limit) return [];
  const most =
    log.type === 'kafka'
      ? `log.maxRecord less ${IMAGE_OVERHEAD} bytes`
      : `${limit - IMAGE_OVERHEAD} bytes, for the embedded log takes records of up to ${limit}`;
  return [{ path: ['images', 'claimCheck', 'above'], message: `expected at most ${most}, got ${aboveBytes}` }];
}

function checkLoad({ load }: PipelineSpec): Problem[] {
  if (!load || load.from < load.to) return [];
  return [{ path: ['load', 'to'], message: `expected more than load.from (${load.from}), got ${load.to}` }];
}

/** ONNX Runtime's WebGPU shares one device in a process, and ends the process where two threads use it. */
function checkWorkers({ scoring: { provider, workers } }: PipelineSpec): Problem[] {
  if (provider !== 'webgpu' || workers === 1) return [];
  return [{ path: ['scoring', 'workers'], message: `expected 1 with webgpu, got ${workers}` }];
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new OrdoError(
      'PIPELINE_NOT_FOUND',
      `the pipeline file ${file} ${missing ? 'is not there' : 'cannot be read'}`,
      { cause },
    );
  }
}

function toSpec(
  file: string,
  parsed: PipelineFile,
  model: ModelFacts,
  env: Readonly<Record<string, string | undefined>>,
): PipelineSpec {
  const at = (path: string) => resolve(dirname(file), path);
  const log = toLog(parsed, at, env);
  const folder = log.type === 'sqlite' ? log.folder : at(join('.ordo', parsed.name));
  const endpoint = receiverOf(env[RECEIVER]) ?? parsed.tracing?.endpoint;
  return {
    name: parsed.name,
    file,
    model: at(parsed.model),
    modelName: model.name,
    log,
    topics: { partitions: parsed.topics.partitions, retention: toRetention(parsed.topics.retention) },
    images: toImages(parsed.images, at, join(folder, 'blobs')),
    scoring: toScoring(parsed.scoring),
    decision: toDecision(parsed.decision, model),
    ...(parsed.load && { load: parsed.load }),
    health: parsed.health,
    ...(endpoint && { tracing: { endpoint } }),
  };
}

const RECEIVER = 'OTEL_EXPORTER_OTLP_ENDPOINT';

/** The receiver of traces that the environment names. A URL with a password stays there, as other secrets do. */
function receiverOf(text: string | undefined): string | SecretReference | undefined {
  if (!text) return undefined;
  if (httpUrl().safeParse(text).success) return namesUser(text) ? { env: RECEIVER } : text;
  throw new OrdoError('PIPELINE_INVALID', `${RECEIVER}: expected an http: or https: URL, got ${show(text)}`);
}

/** The brokers that the environment names; none where it names nothing. */
function brokersOf(text: string | undefined): string[] | undefined {
  if (!text?.trim()) return undefined;
  const brokers = text.split(',').map((broker) => broker.trim());
  const wrong = brokers.find((broker) => !HOST_PORT.test(broker));
  if (wrong === undefined) return brokers;
  throw new OrdoError('PIPELINE_INVALID', `KAFKA_BROKERS: expected host:port with commas between, got ${show(wrong)}`);
}

function toLog(
  { name, log }: PipelineFile,
  at: (path: string) => string,
  env: Readonly<Record<string, string | undefined>>,
): LogSpec {
  const { sessionTimeout: sessionTimeoutMs } = log;
  if (log.type === 'sqlite') return { type: log.type, folder: at(log.folder ?? join('.ordo', name)), sessionTimeoutMs };
  const { type, prefix, replication, maxRecord: maxRecordBytes, manageTopics, tls, sasl } = log;
  return {
    type,
    brokers: brokersOf(env['KAFKA_BROKERS']) ?? log.brokers,
    sessionTimeoutMs,
    prefix,
    replication: replication === 'default' ? -1 : replication,
    maxRecordBytes,
    manageTopics,
    ...(tls && { tls: toTls(tls, at) }),
    ...(sasl && { sasl: toSasl(sasl, at) }),
  };
}

function toTls({ ca, cert, key, serverName }: Tls, at: (path: string) => string): NonNullable<KafkaLogSpec['tls']> {
  return {
    ...(ca !== undefined && { ca: at(ca) }),
    ...(cert !== undefined && { cert: at(cert) }),
    ...(key && { key: located(key, at) }),
    ...(serverName !== undefined && { serverName }),
  };
}

function toSasl({ mechanism, username, password }: Sasl, at: (path: string) => string): Sasl {
  const name = typeof username === 'string' ? username : located(username, at);
  return { mechanism, username: name, password: located(password, at) };
}

function toRetention({ maxBytes, maxAge }: PipelineFile['topics']['retention']): PipelineSpec['topics']['retention'] {
  return { ...(maxBytes !== undefined && { maxBytes }), ...(maxAge !== undefined && { maxAgeMs: maxAge }) };
}

function toImages(
  { timeout, decoders, maxAge, claimCheck, ...limits }: PipelineFile['images'],
  at: (path: string) => string,
  blobs: string,
): PipelineSpec['images'] {
  const { above, folder, s3, allowFolders, timeout: hostTimeout, ...rest } = claimCheck;
  return {
    ...limits,
    timeoutMs: timeout,
    decoders: decoders === 'auto' ? usualDecoders() : decoders,
    ...(maxAge !== undefined && { maxAgeMs: maxAge }),
    claimCheck: {
      ...rest,
      aboveBytes: above,
      folder: folder === undefined ? blobs : at(folder),
      ...(s3 && { s3: toS3(s3, at) }),
      allowFolders: allowFolders.map(at),
      timeoutMs: hostTimeout,
    },
  };
}

type S3File = NonNullable<PipelineFile['images']['claimCheck']['s3']>;

function toS3({ prefix, region, accessKeyId, secretAccessKey, ...rest }: S3File, at: (path: string) => string): S3Spec {
  const { bucket, endpoint, pathStyle = endpoint !== undefined, allowBuckets } = rest;
  const found = region ?? (endpoint && 'us-east-1');
  return {
    bucket,
    prefix: prefix === undefined ? '' : asFolder(prefix),
    ...(found && { region: found }),
    ...(endpoint && { endpoint }),
    pathStyle,
    ...(accessKeyId &&
      secretAccessKey && {
        credentials: { accessKeyId: located(accessKeyId, at), secretAccessKey: located(secretAccessKey, at) },
      }),
    allowBuckets: allowBuckets.map(asFolder),
  };
}

function located(secret: SecretReference, at: (path: string) => string): SecretReference {
  return 'file' in secret ? { file: at(secret.file) } : secret;
}

function asFolder(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}

function toScoring({ workers, maxDelay, ...rest }: PipelineFile['scoring']): PipelineSpec['scoring'] {
  return { ...rest, workers: workers === 'auto' ? usualWorkers(rest.provider) : workers, maxDelayMs: maxDelay };
}

function toDecision({ priors, plan, ...rest }: PipelineFile['decision'], model: ModelFacts): PipelineSpec['decision'] {
  return { ...rest, plan: toPlan(plan, model), ...(priors !== undefined && { priors }) };
}

/** Tokens of a first short order, where the pipeline file leaves them open. */
const SCREEN_PREFIX = 32;

function toPlan(plan: PipelineFile['decision']['plan'], { positions }: ModelFacts): Plan {
  if (plan.kind === 'fixed') return { ...plan, prefix: plan.prefix ?? positions };
  const { propose, screens, prefix = positions, ...rest } = plan;
  return {
    ...rest,
    prefix,
    ...(propose && { propose: narrowing(propose) }),
    screens: screens.map(({ prefix: short = Math.min(SCREEN_PREFIX, positions), ...screen }) => ({
      ...narrowing(screen),
      prefix: short,
    })),
  };
}

function narrowing<S extends { within?: number | undefined }>({ within, ...rest }: S) {
  return { ...rest, ...(within !== undefined && { within }) };
}
