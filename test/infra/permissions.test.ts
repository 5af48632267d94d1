import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import { stageInputs } from '../../src/app/lag.ts';
import { groupName, STAGES, topicNames } from '../../src/app/spec.ts';
import { ended, type Ended, heard, jsonLines, ordo, startOrdo, tinyFolder } from '../support/cli.ts';
import { describeWith } from '../support/describe-with.ts';
import { acls, type GuardedBroker, PASSWORD, permissions, startGuardedBroker } from '../support/infra/permissions.ts';
import { firstOpen } from '../support/kafka/choose.ts';
import { BROKER } from '../support/kafka/describe.ts';
import { TINY_MODEL, TINY_NAMES } from '../support/tiny.ts';

const PROCESS = 'every process of a stage, and `ordo produce`';
const LIST = '`ordo dlq list`, `show`';
const DROP = '`ordo dlq drop`';

/** Users, and the rows of the table that say what each may do. */
const USERS: Readonly<Record<string, string[]>> = {
  apply: [PROCESS, 'the same with `log.manageTopics`, and `ordo topics apply`'],
  tokenize: [PROCESS, 'tokenize'],
  score: [PROCESS, 'score'],
  aggregate: [PROCESS, 'aggregate'],
  console: [PROCESS, ...STAGES, 'the console, a process of all stages'],
  produce: [PROCESS, '`ordo produce`'],
  labels: ['`ordo labels`'],
  lag: ['`ordo lag`'],
  reset: ['`ordo reset`'],
  list: [LIST],
  drop: [LIST, DROP],
  replay: [LIST, DROP, '`ordo dlq replay`'],
  producer: ['your producers'],
  consumer: ['your consumers'],
  keda: ['KEDA'],
  nobody: [],
};

describeWith('what docs/operations.md says of permissions on Kafka', {
  ...BROKER,
  open: () => firstOpen([{ name: 'Java', open: () => startGuardedBroker(Object.keys(USERS)) }]),
  close: (broker) => broker.stop(),
  tests,
});

function tests(broker: () => GuardedBroker): void {
  let folder: Awaited<ReturnType<typeof tinyFolder>>;
  const started: ChildProcess[] = [];

  before(async function () {
    this.timeout(60_000);
    folder = await tinyFolder();
    const admin = await connected(new kafkajs.Kafka({ brokers: [...broker().brokers] }).admin());
    const table = await permissions();
    assert.deepEqual(new Set(Object.values(USERS).flat()), new Set(table.keys()));
    const acl = Object.entries(USERS).flatMap(([user, rows]) =>
      acls(
        user,
        rows.flatMap((row) => table.get(row) ?? []),
      ),
    );
    await admin.createAcls({ acl });
    await admin.disconnect();
    await writeFile(join(folder.path, 'bad.png'), 'no image');
  });
  after(async () => {
    for (const child of started) if (child.exitCode === null) child.kill('SIGKILL');
    await folder?.remove();
  });

  it('lets the topics be created', async () => {
    const { code, stderr } = await as('apply', ['topics', 'apply'], [], true);
    assert.equal(code, 0, stderr);
  }).timeout(60_000);

  it('lets each stage run in a process of its own, images in, labels and lag out', async () => {
    const stages = await Promise.all(STAGES.map((stage) => up(stage, '--stage', stage)));
    await produce();
    assert.deepEqual(await outcomes(2), ['classified', 'failed']);
    assert.equal((await as('lag', ['lag'])).code, 0);
    await Promise.all(stages.map(drained));
  }).timeout(120_000);

  it('lets the console run', async () => {
    const console = await up('console');
    await produce();
    assert.deepEqual(await outcomes(4), ['classified', 'failed', 'classified', 'failed'].sort());
    await drained(console);
  }).timeout(120_000);

  it('lets operators move a stage, and look at, replay and drop dead letters', async () => {
    assert.equal((await as('reset', ['reset'], ['--stage', 'score', '--to', '1h'])).code, 0);
    const letters = jsonLines((await as('list', ['dlq', 'list'], ['--json'])).stdout);
    assert.equal(letters.length, 2);
    const [first, second] = letters.map(({ id }) => String(id));
    assert.equal((await as('replay', ['dlq', 'replay'], [first ?? ''])).code, 0);
    assert.equal((await as('drop', ['dlq', 'drop'], [second ?? ''])).code, 0);
  }).timeout(120_000);

  it('lets other programs write images and read labels, and an autoscaler see the lag', async () => {
    const names = topicNames(TINY_NAMES);
    const producer = client('producer').producer({ idempotent: true });
    await producer.connect();
    await producer.send({ topic: names.images, messages: [{ key: 'k', value: 'v' }] });
    await producer.disconnect();
    const consumer = client('consumer').consumer({ groupId: 'mine' });
    await consumer.connect();
    await consumer.subscribe({ topic: names.labels, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer.on('consumer.crash', ({ payload: { error } }) => reject(error));
      void consumer.run({ eachMessage: async () => resolve() });
    });
    await consumer.disconnect();
    const admin = await connected(client('keda').admin());
    for (const stage of STAGES) {
      for (const topic of stageInputs(TINY_NAMES, stage)) {
        assert.ok((await admin.fetchTopicOffsets(topic)).length > 0);
        await admin.fetchOffsets({ groupId: groupName(TINY_NAMES, stage), topics: [topic] });
      }
    }
    await admin.disconnect();
  }).timeout(60_000);

  it('is what it takes: who is allowed nothing, or something else, is refused', async () => {
    assert.match((await as('nobody', ['labels'])).stderr, /LOG_FORBIDDEN/);
    assert.match((await as('labels', ['produce'], [join(folder.path, 'bad.png')])).stderr, /LOG_FORBIDDEN/);
  }).timeout(60_000);

  function client(user: string): Kafka {
    const sasl = { mechanism: 'plain' as const, username: user, password: PASSWORD };
    return new kafkajs.Kafka({ brokers: [broker().guarded], sasl, logLevel: kafkajs.logLevel.NOTHING });
  }

  /** The pipeline file for a user. */
  async function fileOf(user: string, manageTopics = false): Promise<string> {
    const file = join(folder.path, `${user}.yaml`);
    await writeFile(join(folder.path, 'password'), PASSWORD);
    const sasl = `{ mechanism: plain, username: ${user}, password: { file: password } }`;
    const log = `{ type: kafka, brokers: ["${broker().guarded}"], manageTopics: ${manageTopics}, sasl: ${sasl} }`;
    const text = (await readFile(folder.pipeline, 'utf8')).replace(/^log: .*$/m, `log: ${log}`);
    await writeFile(
      file,
      `${text.replace('retention: {}', 'retention: { maxAge: 7d }')}load: { from: 100, to: 200 }\n`,
    );
    return file;
  }

  async function as(user: string, command: string[], args: string[] = [], manageTopics = false): Promise<Ended> {
    return ordo([...command, await fileOf(user, manageTopics), ...args]);
  }

  async function up(user: string, ...args: string[]): Promise<{ child: ChildProcess; end: Promise<Ended> }> {
    const child = startOrdo(['up', await fileOf(user), ...args]);
    started.push(child);
    const end = ended(child);
    await heard(child, 'stderr', 'the pipeline runs');
    return { child, end };
  }

  async function drained({ child, end }: { child: ChildProcess; end: Promise<Ended> }): Promise<void> {
    child.kill('SIGTERM');
    const { code, stderr } = await end;
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /FORBIDDEN|AUTHORIZATION/);
  }

  async function produce(): Promise<void> {
    const images = [join(TINY_MODEL, 'examples', '00000.png'), join(folder.path, 'bad.png')];
    const { code, stderr } = await as('produce', ['produce'], images);
    assert.equal(code, 0, stderr);
  }

  /** The outcomes, in the order of the alphabet, once there are so many. */
  async function outcomes(count: number): Promise<string[]> {
    for (;;) {
      const { stdout } = await as('labels', ['labels'], ['--json']);
      const found = jsonLines(stdout).map(({ outcome }) => String(outcome));
      if (found.length >= count) return found.sort();
      await sleep(500);
    }
  }
}

async function connected(admin: Admin): Promise<Admin> {
  await admin.connect();
  return admin;
}
