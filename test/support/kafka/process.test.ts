import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type Admin, Kafka, logLevel, type Producer } from 'kafkajs';
import { until } from '../../contracts/log-harness.ts';
import { heard } from '../cli.ts';
import { temporaryFolder } from '../folders.ts';
import { describeWithKafkaProcess } from './describe.ts';
import { listens } from '../ports.ts';

const PATIENT = { initialRetryTime: 50, maxRetryTime: 500, retries: 1000 };
const SETTLE = { settleMs: 10_000 };

/** Starts a broker, says so, and stays. */
const OWNER = `
import { kafkaBrokerProcess } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'kafka.ts')).href)};
const { brokers } = await kafkaBrokerProcess();
console.log('started at ' + brokers);
setInterval(() => {}, 1000);`;

describeWithKafkaProcess('a broker process', (broker) => {
  let topic: string;
  let admin: Admin;
  let producer: Producer;
  beforeEach(async () => {
    topic = randomUUID();
    const kafka = new Kafka({ brokers: [...broker().brokers], logLevel: logLevel.NOTHING, retry: PATIENT });
    admin = kafka.admin();
    producer = kafka.producer();
    await Promise.all([admin.connect(), producer.connect()]);
    await admin.createTopics({ topics: [{ topic }] });
  });
  afterEach(() => Promise.all([admin.disconnect(), producer.disconnect()]));

  const send = (value: string) => producer.send({ topic, messages: [{ value }] });
  const end = async () => (await admin.fetchTopicOffsets(topic))[0]?.offset;

  it('keeps its address and every acknowledged record when it is killed and started again', async () => {
    for (let i = 0; i < 20; i++) await send(`${i}`);
    const { brokers } = broker();
    await broker().kill();
    await broker().start();
    assert.deepEqual(broker().brokers, brokers);
    assert.equal(await end(), '20');
    await send('one more');
    assert.equal(await end(), '21');
  });

  it('answers nothing while it is halted, and everything after', async function () {
    if (process.platform === 'win32') this.skip();
    await broker().pause();
    let answered = false;
    const sending = send('late').then(() => (answered = true));
    await sleep(500);
    assert.equal(answered, false);
    await broker().resume();
    await sending;
    assert.equal(await end(), '1');
  });

  it('is gone, and its data with it, when the process that started it was killed', async function () {
    if (process.platform === 'win32') this.skip();
    this.timeout(60_000);
    const temporary = await temporaryFolder();
    const env = { ...process.env, TMPDIR: temporary.path };
    const owner = spawn(process.execPath, ['--input-type=module', '--eval', OWNER], { env, stdio: 'pipe' });
    let said = '';
    owner.stdout.on('data', (text: Buffer) => (said += text));
    await heard(owner, 'stdout', 'started at');
    const port = Number(said.trim().split(':').at(-1));
    assert.deepEqual([await listens(port), (await readdir(temporary.path)).length], [true, 1]);
    owner.kill('SIGKILL');
    await until('nothing listens', async () => !(await listens(port)), SETTLE);
    await until('the folder is removed', async () => (await readdir(temporary.path)).length === 0, SETTLE);
    await temporary.remove();
  });
});
