import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { type Admin, Kafka, type KafkaConfig, logLevel, type SASLOptions } from 'kafkajs';
import type { Mechanism } from './broker.ts';
import { describeWithSecureKafka } from './describe.ts';

const MECHANISMS: readonly Mechanism[] = ['plain', 'scram-sha-256', 'scram-sha-512'];

describeWithSecureKafka('a secure broker', (broker) => {
  let admin: Admin;
  const connect = (brokers: readonly string[], options: Omit<KafkaConfig, 'brokers'>) => {
    const silent = { logLevel: logLevel.NOTHING, retry: { retries: 0 } };
    admin = new Kafka({ brokers: [...brokers], ...silent, ...options }).admin();
    return admin.connect();
  };
  afterEach(() => admin.disconnect());

  const trusting = async () => ({ ca: await readFile(broker().ca, 'utf8') });
  const login = (mechanism: Mechanism, change = {}) =>
    ({ mechanism, ...broker().logins[mechanism], ...change }) as SASLOptions;

  it('serves a client that trusts its authority', async () => {
    await connect(broker().tls, { ssl: await trusting() });
    assert.deepEqual(await admin.listTopics(), []);
  });

  it('is refused by a client that does not trust its authority', async () => {
    await assert.rejects(connect(broker().tls, { ssl: true }), { message: /certificate/ });
  });

  it('serves nobody in the clear where it wants TLS', async () => {
    await assert.rejects(connect(broker().tls, {}), { message: /Closed connection/ });
  });

  for (const mechanism of MECHANISMS) {
    it(`lets its user in by ${mechanism}, in the clear and under TLS`, async () => {
      await connect(broker().sasl, { sasl: login(mechanism) });
      await admin.disconnect();
      await connect(broker().saslTls, { ssl: await trusting(), sasl: login(mechanism) });
      assert.deepEqual(await admin.listTopics(), []);
    });

    it(`lets nobody in by ${mechanism} with a wrong password, or the user of another mechanism`, async () => {
      const other = broker().logins[mechanism === 'plain' ? 'scram-sha-256' : 'plain'];
      for (const sasl of [login(mechanism, { password: 'wrong' }), login(mechanism, other)]) {
        const connecting = connect(broker().saslTls, { ssl: await trusting(), sasl });
        await assert.rejects(connecting, { name: 'KafkaJSSASLAuthenticationError' });
      }
    });
  }

  it('lets nobody in without a login', async () => {
    const connecting = connect(broker().saslTls, { ssl: await trusting() }).then(() => admin.listTopics());
    await assert.rejects(connecting, { message: /Closed connection/ });
  });

  it('also serves clients in the clear', async () => {
    await connect(broker().brokers, {});
    assert.deepEqual(await admin.listTopics(), []);
  });
});
