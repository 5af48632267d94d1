import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { S3Spec } from '../../../src/app/spec.ts';
import type { S3Server } from './server.ts';

/** The section of a pipeline that puts blobs into a new bucket of the server; its secrets are files in the folder. */
export async function s3Spec(
  server: Pick<S3Server, 'endpoint' | 'credentials' | 'createBucket'>,
  folder: string,
): Promise<S3Spec> {
  const { endpoint, credentials } = server;
  const accessKeyId = { file: join(folder, 'access-key-id') };
  const secretAccessKey = { file: join(folder, 'secret-access-key') };
  await writeFile(accessKeyId.file, `${credentials.accessKeyId}\n`);
  await writeFile(secretAccessKey.file, `${credentials.secretAccessKey}\n`);
  return {
    bucket: await server.createBucket(),
    prefix: 'blobs/',
    region: 'us-east-1',
    endpoint,
    pathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    allowBuckets: [],
  };
}
