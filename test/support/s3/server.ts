import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { findJava } from '../java/java.ts';
import { javaPackages } from '../java/packages.ts';
import { freePorts } from '../ports.ts';

/** Something that the server needs is not on this machine and cannot be fetched. */
export class NoS3 extends Error {}

/** A running S3 server that knows one user. Tests share it, each with a bucket of its own. */
export interface S3Server {
  readonly endpoint: string;
  readonly credentials: { accessKeyId: string; secretAccessKey: string };
  /** A client of the server, for what the adapter does not do. */
  readonly client: S3Client;
  /** Makes a bucket, and gives its name. */
  createBucket(): Promise<string>;
  /** Ends the server; its buckets are gone with it. */
  stop(): Promise<void>;
}

const START_MS = 60_000;
const HERE = import.meta.dirname;
const JVM = ['-Xmx160m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
/** As in server.properties. */
const CREDENTIALS = { accessKeyId: 'test-access-key-id', secretAccessKey: 'test-secret-access-key' };

/** Starts S3Proxy under Java on a free loopback port. It does not outlive this process. Throws `NoS3` if it cannot be had. */
export async function startS3(): Promise<S3Server> {
  const { java, packages } = await parts();
  const [port = 0] = await freePorts(1);
  const endpoint = `http://127.0.0.1:${port}`;
  const settings = [
    `-Dlogback.configurationFile=${join(HERE, 'logback.xml')}`,
    `-Ds3proxy.endpoint=${endpoint}`,
    '-cp',
    join(packages, '*'),
  ];
  const main = ['org.gaul.s3proxy.Main', '--properties', join(HERE, 'server.properties')];
  const server = supervise([java, ...JVM, ...settings, ...main]);
  await answers(endpoint, server);
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: CREDENTIALS });
  return {
    endpoint,
    credentials: CREDENTIALS,
    client,
    async createBucket() {
      const bucket = `test-${randomUUID()}`;
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      return bucket;
    },
    async stop() {
      client.destroy();
      await server.stop();
    },
  };
}

/** What the server is made of. Throws `NoS3` if the machine does not have it and it cannot be fetched. */
async function parts(): Promise<{ java: string; packages: string }> {
  try {
    return { java: await findJava('the S3 server'), packages: await javaPackages(join(HERE, 'pom.xml'), 'ordo-s3') };
  } catch (cause) {
    throw new NoS3(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

interface Supervised {
  readonly child: ChildProcess;
  /** The last that it said. */
  said(): string;
  stop(): Promise<void>;
}

function supervise(command: readonly string[]): Supervised {
  const child = spawn(process.execPath, [join(HERE, 'supervisor.ts'), ...command], { stdio: 'pipe' });
  const ended = once(child, 'exit');
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
  }
  return {
    child,
    said: () => said,
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

/** Waits until the server answers; throws with what it said if it ends before, or is late. */
async function answers(endpoint: string, server: Supervised): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (!(await fetch(endpoint).catch(() => undefined))) {
    const { exitCode } = server.child;
    if (exitCode !== null) throw new Error(`the S3 server ended with ${exitCode}: ${server.said()}`);
    if (Date.now() > deadline) {
      await server.stop();
      throw new Error(`the S3 server did not answer within ${START_MS} ms: ${server.said()}`);
    }
    await sleep(50);
  }
}
