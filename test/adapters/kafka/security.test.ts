import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { KafkaConnection, KafkaSasl } from '../../../src/adapters/kafka/client.ts';
import { openKafkaLog } from '../../../src/adapters/kafka/open.ts';
import type { Log } from '../../../src/ports/log.ts';
import { contentOf, record, rejectsWith } from '../../contracts/log-harness.ts';
import type { Mechanism } from '../../support/kafka/broker.ts';
import { describeWithSecureKafka } from '../../support/kafka/describe.ts';

describe('the Kafka log behind TLS and logins', () => {
  const opened: Log[] = [];
  const open = (
    connection: Omit<KafkaConnection, 'clientId'>,
    logger?: Parameters<typeof openKafkaLog>[0]['logger'],
  ) => {
    const log = openKafkaLog({
      ...connection,
      clientId: 'secure',
      prefix: `${randomUUID()}.`,
      ...(logger && { logger }),
    });
    opened.push(log);
    return log;
  };
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((log) => log.close()));
  });

  async function works(log: Log): Promise<void> {
    await log.ensureTopics([{ name: 'a', partitions: 1 }]);
    await log.publish([record('a', 0, 'x')]);
    assert.deepEqual(await contentOf(log, 'a'), ['x']);
    const consumer = await log.consume({ group: 'g', topics: ['a'], from: 'earliest' });
    assert.equal((await consumer.poll({ maxRecords: 1, waitMs: 10_000 })).length, 1);
  }

  describeWithSecureKafka('with a broker', (broker) => {
    const sasl = (mechanism: Mechanism): KafkaSasl => ({ mechanism, ...broker().logins[mechanism] });

    it('serves over TLS that a named authority vouches for, and over no other', async () => {
      const { tls: brokers, ca } = broker();
      await works(open({ brokers, tls: { ca: await readFile(ca, 'utf8') } }));
      await rejectsWith('LOG_FORBIDDEN', open({ brokers, tls: {} }).topics());
    }).timeout(60_000);

    for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const) {
      it(`lets ${mechanism} log in, in the clear and under TLS`, async () => {
        const { sasl: clear, saslTls, ca } = broker();
        await works(open({ brokers: clear, sasl: sasl(mechanism) }));
        await works(open({ brokers: saslTls, sasl: sasl(mechanism), tls: { ca: await readFile(ca, 'utf8') } }));
      }).timeout(60_000);

      it(`refuses a wrong password of ${mechanism} for good, and never says what it was`, async () => {
        const said: string[] = [];
        const note = (fields: object, message: string) => void said.push(JSON.stringify(fields), message);
        const password = `wrong-${randomUUID()}`;
        const wrong = { brokers: broker().sasl, sasl: { ...sasl(mechanism), password } };
        const log = open(wrong, { info: note, warn: note, error: note });
        await rejectsWith('LOG_FORBIDDEN', log.topics());
        const error: unknown = await log.publish([record('a', 0, 'x')]).catch((reason: unknown) => reason);
        assert.ok(error instanceof Error);
        assert.ok(![...said, error.message, String(error.stack)].some((text) => text.includes(password)));
      }).timeout(60_000);
    }
  });
});
