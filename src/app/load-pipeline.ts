import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { OrdoError } from '../errors.ts';
import { LocatedYaml, type Problem } from './located-yaml.ts';
import { type PipelineFile, pipelineSchema } from './pipeline-schema.ts';
import type { SecretReference } from './secrets.ts';
import type { PipelineSpec, S3Spec } from './spec.ts';

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
  const spec = toSpec(resolve(file), parsed, options.env ?? process.env);
  yaml.raise((await options.check?.(spec)) ?? []);
  return spec;
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

function toSpec(file: string, parsed: PipelineFile, env: Readonly<Record<string, string | undefined>>): PipelineSpec {
  const at = (path: string) => resolve(dirname(file), path);
  const logFolder = at(parsed.log.folder ?? join('.ordo', parsed.name));
  const endpoint = env['OTEL_EXPORTER_OTLP_ENDPOINT'] || parsed.tracing?.endpoint;
  return {
    name: parsed.name,
    file,
    model: at(parsed.model),
    log: { type: parsed.log.type, folder: logFolder, sessionTimeoutMs: parsed.log.sessionTimeout },
    topics: { partitions: parsed.topics.partitions, retention: toRetention(parsed.topics.retention) },
    images: toImages(parsed.images, at, join(logFolder, 'blobs')),
    scoring: toScoring(parsed.scoring),
    decision: toDecision(parsed.decision),
    health: parsed.health,
    ...(endpoint && { tracing: { endpoint } }),
  };
}

function toRetention({ maxBytes, maxAge }: PipelineFile['topics']['retention']): PipelineSpec['topics']['retention'] {
  return { ...(maxBytes !== undefined && { maxBytes }), ...(maxAge !== undefined && { maxAgeMs: maxAge }) };
}

function toImages(
  { timeout, maxAge, claimCheck, ...limits }: PipelineFile['images'],
  at: (path: string) => string,
  blobs: string,
): PipelineSpec['images'] {
  const { above, folder, s3, allowFolders, timeout: hostTimeout, ...rest } = claimCheck;
  return {
    ...limits,
    timeoutMs: timeout,
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
  const absolute = (secret: SecretReference) => ('file' in secret ? { file: at(secret.file) } : secret);
  return {
    bucket,
    prefix: prefix === undefined ? '' : asFolder(prefix),
    ...(found && { region: found }),
    ...(endpoint && { endpoint }),
    pathStyle,
    ...(accessKeyId &&
      secretAccessKey && {
        credentials: { accessKeyId: absolute(accessKeyId), secretAccessKey: absolute(secretAccessKey) },
      }),
    allowBuckets: allowBuckets.map(asFolder),
  };
}

function asFolder(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}

function toScoring({ workers, maxDelay, ...rest }: PipelineFile['scoring']): PipelineSpec['scoring'] {
  return { ...rest, workers: workers === 'auto' ? availableParallelism() : workers, maxDelayMs: maxDelay };
}

function toDecision({ priors, ...rest }: PipelineFile['decision']): PipelineSpec['decision'] {
  return { ...rest, ...(priors !== undefined && { priors }) };
}
