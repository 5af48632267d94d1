import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '../folders.ts';
import type { BrokerProcess } from './broker.ts';
import { java } from './java.ts';
import { kafkaPackages } from './packages.ts';
import { freePorts } from './ports.ts';
import { run } from './run.ts';
import { serverProperties } from './server-properties.ts';
import { type Supervised, supervise } from './supervised.ts';

/** Any 22 characters of base64 will do. */
const CLUSTER = 'ordo-test-cluster-AAAA';
const START_MS = 60_000;
const JVM = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
const LOG4J = join(import.meta.dirname, 'log4j2.properties');

/** Starts Kafka's own packages under Java on free loopback ports, with its data in a temporary folder. */
export async function startBrokerProcess(): Promise<BrokerProcess> {
  const command = await java();
  const classpath = join(await kafkaPackages(), '*');
  const { path: folder } = await temporaryFolder();
  const [port = 0, controllerPort = 0] = await freePorts(2);
  const properties = join(folder, 'server.properties');
  await mkdir(join(folder, 'data'));
  await writeFile(properties, serverProperties({ port, controllerPort, folder: join(folder, 'data') }));
  const tool = ['-cp', classpath, 'kafka.tools.StorageTool', 'format', '-t', CLUSTER, '-c', properties];
  await run(command, ['-Xmx128m', ...JVM, ...tool], START_MS);
  const output = join(folder, 'broker.log');
  const args = ['-Xms96m', '-Xmx160m', ...JVM, `-Dlog4j2.configurationFile=${LOG4J}`, '-cp', classpath];
  const server = supervise({ folder, output, command, args: [...args, 'kafka.Kafka', properties] });
  const start = async () => {
    await server.start();
    await answers(port, server, output);
  };
  await start().catch(async (error: unknown) => {
    await server.close();
    throw error;
  });
  return {
    kind: 'process',
    brokers: [`127.0.0.1:${port}`],
    start,
    kill: () => server.signal('SIGKILL'),
    pause: () => server.signal('SIGSTOP'),
    resume: () => server.signal('SIGCONT'),
    stop: () => server.close(),
  };
}

/** Waits until something listens on the port; throws with the end of the output if the server ends before, or is too slow. */
async function answers(port: number, server: Supervised, output: string): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (!(await listens(port))) {
    const trouble = server.ended ?? (Date.now() > deadline ? `does not answer within ${START_MS} ms` : undefined);
    if (trouble) throw new Error(`the broker ${trouble}: ${(await readFile(output, 'utf8')).slice(-2000)}`);
    await sleep(50);
  }
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
