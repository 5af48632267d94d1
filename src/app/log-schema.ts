import { z } from 'zod';
import { expected, oneOf, path, section, size, text, wait, whole } from './fields.ts';
import { secretReference } from './secrets.ts';

/** A broker's address. */
export const HOST_PORT = /^[^\s:/@]+:[0-9]{1,5}$|^\[[0-9a-fA-F:]+\]:[0-9]{1,5}$/;
const PREFIX = 'up to 40 letters, digits, ".", "_" and "-"';

const sessionTimeout = wait(1)
  .describe('After this long without a sign of life a consumer loses its partitions.')
  .prefault('10s');

const sqliteLog = section({
  type: oneOf(['sqlite']).describe('The embedded log: a file on this machine.').default('sqlite'),
  folder: path('Folder of the log. Default: .ordo/<name>.').optional(),
  sessionTimeout,
});

const tls = section(
  {
    ca: path(
      "Certificates of the authorities that sign the brokers' (PEM). Default: those that Node knows.",
    ).optional(),
    cert: path('Certificate of the client (PEM), for clusters that ask for one.').optional(),
    key: secretReference('Private key of the client (PEM).').optional(),
    serverName: text('a host name').optional().describe("Name in the brokers' certificates, if not the host's."),
  },
  'TLS to the brokers; an empty mapping turns it on.',
);

const sasl = section(
  {
    mechanism: oneOf(['plain', 'scram-sha-256', 'scram-sha-512']).describe(
      'The one that the brokers ask for; plain sends the password itself, for which there should be tls.',
    ),
    username: z
      .union(
        [text('a name'), secretReference('Where the name is to be found.')],
        expected('a name, { env: NAME } or { file: PATH }'),
      )
      .describe('Name of the account.'),
    password: secretReference('Password.'),
  },
  'Login at the brokers.',
);

const kafkaLog = section({
  type: oneOf(['kafka']).describe('A cluster of Apache Kafka.'),
  brokers: z
    .array(text('host:port').regex(HOST_PORT, expected('host:port')), expected('a list of host:port'))
    .min(1, expected('a list of host:port'))
    .describe('Brokers to begin with; the environment variable KAFKA_BROKERS (with commas) overrides them.'),
  prefix: z
    .string(expected(PREFIX))
    .regex(/^[a-zA-Z0-9._-]{0,40}$/, expected(PREFIX))
    .describe('Before the names of topics and groups.')
    .default(''),
  replication: z
    .union([z.literal('default'), whole(1, 32)], expected('"default" or a whole number from 1 to 32'))
    .describe('Replication factor of topics created; default: as the cluster says.')
    .default('default'),
  maxRecord: size().describe('Largest record that may be published.').prefault('1MiB'),
  manageTopics: z
    .boolean(expected('true or false'))
    .describe('Whether processes create and adjust topics; else ordo topics apply has to.')
    .default(true),
  tls: tls.optional(),
  sasl: sasl.optional(),
  sessionTimeout,
});

/** The section `log` of the pipeline file. */
export const log = z
  .discriminatedUnion('type', [sqliteLog, kafkaLog], {
    error: (issue) => (issue.code === 'invalid_union' ? '"sqlite" or "kafka"' : 'a mapping with a type'),
  })
  .describe('The durable log between the stages.');
