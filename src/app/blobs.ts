import { openBlobs } from '../adapters/blobs/open.ts';
import type { S3Connection } from '../adapters/blobs/s3-client.ts';
import type { Blobs } from '../ports/blobs.ts';
import { readSecret } from './secrets.ts';
import type { PipelineSpec, S3Spec } from './spec.ts';

/** The blobs that a pipeline's claim checks point to. Error: PIPELINE_INVALID where credentials cannot be read. */
export function openPipelineBlobs(spec: PipelineSpec): Blobs {
  const { s3, ...claimCheck } = spec.images.claimCheck;
  const options = { ...claimCheck, maxBytes: spec.images.maxBytes };
  if (!s3) return openBlobs(options);
  const { bucket, prefix, allowBuckets } = s3;
  return openBlobs({ ...options, s3: { bucket, prefix, allowBuckets, ...s3Connection(spec, s3) } });
}

/** How to reach a pipeline's S3. Error: PIPELINE_INVALID where credentials cannot be read. */
export function s3Connection({ file, images }: PipelineSpec, s3: S3Spec): S3Connection {
  const { region, endpoint, pathStyle, credentials } = s3;
  const secret = (name: 'accessKeyId' | 'secretAccessKey') =>
    credentials && readSecret(credentials[name], { file, field: `images.claimCheck.s3.${name}` });
  const [accessKeyId, secretAccessKey] = [secret('accessKeyId'), secret('secretAccessKey')];
  return {
    ...(region && { region }),
    ...(endpoint && { endpoint }),
    pathStyle,
    ...(accessKeyId && secretAccessKey && { credentials: { accessKeyId, secretAccessKey } }),
    timeoutMs: images.claimCheck.timeoutMs,
  };
}
