import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '../folders.ts';
import type { BrokerProcess } from './broker.ts';
import { freePorts, listens } from '../ports.ts';
import { findJava } from '../java/java.ts';
import { javaPackages } from '../java/packages.ts';
import { run } from '../java/run.ts';
import { NO_EXTRAS, type ServerExtras, serverProperties } from './server-properties.ts';
import { type Supervised, supervise } from './supervised.ts';

/** Any 22 characters of base64 will do. */
const CLUSTER = 'ordo-test-cluster-AAAA';
const START_MS = 60_000;
/** Names Kafka's own Java packages. */
const POM = join(import.meta.dirname, 'pom.xml');
/** Java as it starts soonest and stays smallest, or as it runs best after a while: the latter with its defaults. */
const JVM = {
  quick: ['-Xms96m', '-Xmx160m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
  steady: ['-Xms256m', '-Xmx512m'],
};
export type Jvm = keyof typeof JVM;
const LOGGING = `-Dlog4j2.configurationFile=${join(import.meta.dirname, 'log4j2.properties')}`;

/**
 * Starts Kafka's own packages under Java on free loopback ports.
 * @param prepare makes what the server has beyond a plain listener; files go to the folder it gets, which also holds
 * the server's data and log and is removed with it.
 */
export async function startBrokerProcess(
  prepare: (folder: string) => Promise<ServerExtras> = async () => NO_EXTRAS,
  jvm: Jvm = 'quick',
): Promise<BrokerProcess> {
  const java = await kafkaOnJava(jvm);
  const { path: folder } = await temporaryFolder();
  const [port = 0, controllerPort = 0] = await freePorts(2);
  const properties = join(folder, 'server.properties');
  const output = join(folder, 'server.log');
  const server = supervise({ folder, output, ...java, args: [...java.args, 'kafka.Kafka', properties] });
  const start = async () => {
    await server.start();
    await answers(port, server, output);
  };
  try {
    const extras = await prepare(folder);
    await writeFile(properties, serverProperties({ port, controllerPort, folder: join(folder, 'data') }, extras));
    await format(java, properties, extras);
    await start();
  } catch (error) {
    await server.close();
    throw error;
  }
  return { kind: 'process', brokers: [`127.0.0.1:${port}`], folder, start, ...controls(server) };
}

interface Program {
  command: string;
  args: readonly string[];
}

/** Java with the packages, still without the class that is to run. */
async function kafkaOnJava(jvm: Jvm): Promise<Program> {
  const command = await findJava('Kafka');
  return { command, args: [...JVM[jvm], LOGGING, '-cp', join(await javaPackages(POM, 'ordo-kafka'), '*')] };
}

/** Makes the server's data folder, with its users. */
async function format({ command, args }: Program, properties: string, { credentials }: ServerExtras): Promise<void> {
  const users = credentials.flatMap((credential) => ['--add-scram', credential]);
  const tool = ['kafka.tools.StorageTool', 'format', '-t', CLUSTER, '-c', properties];
  await run(command, [...args, ...tool, ...users], START_MS);
}

function controls(server: Supervised): Pick<BrokerProcess, 'kill' | 'pause' | 'resume' | 'stop'> {
  return {
    kill: () => server.signal('SIGKILL'),
    pause: () => server.signal('SIGSTOP'),
    resume: () => server.signal('SIGCONT'),
    stop: () => server.close(),
  };
}

/** Waits until something listens on the port; throws with the end of the output if the server ends before, or is late. */
async function answers(port: number, server: Supervised, output: string): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (!(await listens(port))) {
    const late = Date.now() > deadline ? `did not answer within ${START_MS} ms` : undefined;
    const trouble = server.ended === undefined ? late : `ended (${server.ended})`;
    if (trouble) throw new Error(`the broker ${trouble}: ${(await readFile(output, 'utf8')).slice(-2000)}`);
    await sleep(50);
  }
}
