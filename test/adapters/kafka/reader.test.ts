import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ended } from '../../support/cli.ts';
import { describeWithKafka } from '../../support/kafka/describe.ts';

const OPEN = pathToFileURL(join(import.meta.dirname, '..', '..', '..', 'src', 'adapters', 'kafka', 'open.ts')).href;

/** Reads the partitions of a new topic side by side and closes the log; then nothing should keep the process. */
const READING = `
import { openKafkaLog } from ${JSON.stringify(OPEN)};
const [brokers, topic] = process.argv.slice(1);
const log = openKafkaLog({ brokers: brokers.split(','), clientId: 'reader' });
await log.ensureTopics([{ name: topic, partitions: 4, retention: {} }]);
const read = (partition) => log.read({ topic, partition, offset: 0, maxRecords: 1, waitMs: 100 });
const found = await Promise.all([0, 1, 2, 3].map(read));
await log.close();
console.log(found.flat().length);`;

describeWithKafka('the reader of the Kafka log', (broker) => {
  let child: ChildProcess;
  after(() => child?.kill('SIGKILL'));

  it('leaves no connection open, however many reads began side by side', async () => {
    const args = ['--disable-warning=TimeoutNegativeWarning', '--input-type=module', '--eval', READING];
    child = spawn(process.execPath, [...args, broker().brokers.join(','), randomUUID()], { stdio: 'pipe' });
    assert.deepEqual(await ended(child), { code: 0, stdout: '0\n', stderr: '' });
  });
});
