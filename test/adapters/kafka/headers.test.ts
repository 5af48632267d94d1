import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { openClient } from '../../../src/adapters/kafka/client.ts';
import type { FetchedMessage } from '../../../src/adapters/kafka/kafkajs.ts';
import { fromMessage } from '../../../src/adapters/kafka/messages.ts';

type Sent = Record<string, string | string[]>;

interface Encoded {
  offset: number;
  buffer: Buffer;
}

interface Encoder extends Encoded {
  writeInt32(value: number): Encoder;
  writeEncoder(value: Encoded): Encoder;
}

const load = createRequire(import.meta.url);
const part = (path: string) => load(`kafkajs/src/protocol/${path}`);

const Encoder: new () => Encoder = part('encoder');
const Decoder: new (bytes: Buffer) => unknown = part('decoder');
const encodeRecord: (record: { key: Buffer; value: Buffer; headers: Sent }) => unknown = part('recordBatch/record/v0');
const { RecordBatch }: { RecordBatch: (batch: { records: unknown[] }) => Promise<Encoded> } = part('recordBatch/v0');
/** What every version of a response to Fetch reads its records with. */
const decodeMessages: (decoder: unknown) => Promise<FetchedMessage[]> = part('requests/fetch/v4/decodeMessages');

const PLACE = { topic: 't', partition: 0 };

/** A record's headers as they come out of kafkajs. */
async function fetched(headers: Sent): Promise<FetchedMessage> {
  const batch = await RecordBatch({ records: [encodeRecord({ key: Buffer.of(), value: Buffer.of(), headers })] });
  const { buffer } = new Encoder().writeInt32(batch.offset).writeEncoder(batch);
  const [message] = await decodeMessages(new Decoder(buffer));
  return message ?? assert.fail('no record');
}

describe('the headers of a record that was fetched', () => {
  const many = Array.from({ length: 100_000 }, (_, index) => String(index));

  before(() => void openClient({ brokers: ['127.0.0.1:9'], clientId: 'headers' }, 0));

  /** What kafkajs itself makes of so many does not end within hours, nor can a test be stopped meanwhile. */
  async function requireOurs(): Promise<void> {
    assert.equal(Object.getPrototypeOf((await fetched({ a: '1' })).headers), null, 'kafkajs reads them in its own way');
  }

  it('are those that were sent, and lists of values where a name stands several times', async () => {
    const { headers } = await fetched({ once: '1', twice: ['2', '3'], thrice: ['4', '5', '6'], '': '' });
    const buffers = (values: string[]) => values.map((value) => Buffer.from(value));
    const [once, empty] = buffers(['1', '']);
    const expected = { once, twice: buffers(['2', '3']), thrice: buffers(['4', '5', '6']), '': empty };
    assert.deepEqual({ ...headers }, expected);
  });

  it('may have the names that every object has', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'reduce'];
    const message = await fetched(Object.fromEntries(names.map((name) => [name, ['first', `of ${name}`]])));
    const { headers } = fromMessage(PLACE, message);
    assert.deepEqual(
      Object.entries(headers),
      names.map((name) => [name, `of ${name}`]),
    );
  });

  it('may be 100,000 of different names', async () => {
    await requireOurs();
    const { headers } = fromMessage(PLACE, await fetched(Object.fromEntries(many.map((at) => [`header ${at}`, at]))));
    assert.equal(Object.keys(headers).length, many.length);
    assert.deepEqual([headers['header 0'], headers['header 99999']], ['0', '99999']);
  });

  it('may be 100,000 of one name, of which the last counts', async () => {
    await requireOurs();
    assert.deepEqual(fromMessage(PLACE, await fetched({ header: many })).headers, { header: '99999' });
  });
});
