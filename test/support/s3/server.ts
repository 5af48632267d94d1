import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { nextFreePort } from '../../../src/adapters/http/free-port.ts';
import { s3Packages } from './packages.ts';
import { NoS3, run } from './run.ts';

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
const OLDEST_JAVA = 17;
const HERE = import.meta.dirname;
const JVM = ['-Xmx160m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
/** As in server.properties. */
const CREDENTIALS = { accessKeyId: 'test-access-key-id', secretAccessKey: 'test-secret-access-key' };

/** Starts S3Proxy under Java on a free loopback port. It does not outlive this process. Throws `NoS3` if it cannot be had. */
export async function startS3(): Promise<S3Server> {
  const java = await findJava();
  const packages = await s3Packages();
  const endpoint = `http://127.0.0.1:${await nextFreePort('127.0.0.1', randomInt(20_000, 32_000))}`;
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

async function findJava(): Promise<string> {
  const home = process.env['JAVA_HOME'];
  const command = home ? join(home, 'bin', 'java') : 'java';
  const version = Number(/version "(\d+)/.exec(await run(command, ['-version'], 20_000))?.[1] ?? 0);
  if (version < OLDEST_JAVA) throw new NoS3(`the S3 server needs Java ${OLDEST_JAVA}, ${command} is Java ${version}`);
  return command;
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
