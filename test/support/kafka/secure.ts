import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Login, Mechanism, SecureBroker } from './broker.ts';
import { CA_FILE, makeCertificate, type ServerCertificate } from './certificate.ts';
import { freePorts } from '../ports.ts';
import { startBrokerProcess } from './process.ts';

const MODULES = 'org.apache.kafka.common.security';
const SASL_LISTENERS = ['sasl_ssl', 'sasl_plaintext'];

/** Starts a broker process that also listens under TLS, with logins, and both. */
export async function startSecureBroker(): Promise<SecureBroker> {
  const [ssl = 0, saslSsl = 0, saslPlaintext = 0] = await freePorts(3);
  const logins = newLogins();
  const broker = await startBrokerProcess(async (folder) => ({
    ports: { SSL: ssl, SASL_SSL: saslSsl, SASL_PLAINTEXT: saslPlaintext },
    properties: { ...tlsProperties(await makeCertificate(folder)), ...saslProperties(logins) },
    credentials: [credential('scram-sha-256', logins), credential('scram-sha-512', logins)],
  }));
  const addresses = {
    tls: [`127.0.0.1:${ssl}`],
    sasl: [`127.0.0.1:${saslPlaintext}`],
    saslTls: [`127.0.0.1:${saslSsl}`],
  };
  return { ...broker, ...addresses, ca: join(broker.folder, CA_FILE), logins };
}

/** One user a mechanism, so that a login shows which of them was used. */
function newLogins(): Record<Mechanism, Login> {
  const login = (username: string) => ({ username, password: randomUUID() });
  return {
    plain: login('plain-user'),
    'scram-sha-256': login('scram-256-user'),
    'scram-sha-512': login('scram-512-user'),
  };
}

function tlsProperties({ keystore, password }: ServerCertificate): Record<string, string> {
  return {
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': keystore,
    'ssl.keystore.password': password,
    'ssl.key.password': password,
  };
}

function saslProperties({ plain: { username, password } }: Record<Mechanism, Login>): Record<string, string> {
  const scram = `${MODULES}.scram.ScramLoginModule required;`;
  const modules: Record<Mechanism, string> = {
    plain: `${MODULES}.plain.PlainLoginModule required user_${username}="${password}";`,
    'scram-sha-256': scram,
    'scram-sha-512': scram,
  };
  const lines = SASL_LISTENERS.flatMap((listener) =>
    Object.entries(modules).map(([mechanism, module]) => [
      `listener.name.${listener}.${mechanism}.sasl.jaas.config`,
      module,
    ]),
  );
  const enabled = Object.keys(modules).map((mechanism) => mechanism.toUpperCase());
  return { 'sasl.enabled.mechanisms': enabled.join(','), ...Object.fromEntries(lines) };
}

function credential(mechanism: Mechanism, logins: Record<Mechanism, Login>): string {
  const { username, password } = logins[mechanism];
  return `${mechanism.toUpperCase()}=[name=${username},password=${password}]`;
}
