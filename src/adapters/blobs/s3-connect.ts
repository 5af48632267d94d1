import type { S3Client, S3Connection } from './s3-client.ts';

/** Gives the one client of a connection. */
export type S3Connect = () => Promise<S3Client>;

/** The client of a connection, made when it is first asked for: who has no blobs on S3 does not load its package. */
export function connectS3(connection: S3Connection): S3Connect {
  let client: Promise<S3Client> | undefined;
  return () => (client ??= import('./s3-client.ts').then((module) => new module.S3Client(connection)));
}
