import { z } from 'zod';
import { secretSchema } from './secrets.ts';
import { DURATION_PATTERN, parseDuration, parseSize, SIZE_PATTERN } from './units.ts';

/** What every field's message says: the loader puts `expected` before it and what was found after it. */
const expected = (what: string) => ({ error: what });

/** A mapping whose keys are all known; an unknown key's message lists the known ones. */
function section<S extends z.ZodRawShape>(shape: S, description?: string) {
  const known = Object.keys(shape).join(', ');
  const schema = z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? known : `a mapping of ${known}`),
  });
  return description ? schema.describe(description) : schema;
}

function whole(min: number, max?: number) {
  const what = max === undefined ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`;
  const schema = z.int(expected(what)).min(min, expected(what));
  return max === undefined ? schema : schema.max(max, expected(what));
}

function positive() {
  return z.number(expected('a number above 0')).positive(expected('a number above 0'));
}

function atLeastZero() {
  return z.number(expected('a number of at least 0')).min(0, expected('a number of at least 0'));
}

function text(what: string) {
  return z.string(expected(what)).min(1, expected(what));
}

const SIZE = 'a size above zero such as 256KiB, 20MiB or a number of bytes';

function size() {
  return z
    .union(
      [z.int(expected(SIZE)).min(1, expected(SIZE)), z.string(expected(SIZE)).regex(SIZE_PATTERN, expected(SIZE))],
      {
        error: SIZE,
      },
    )
    .transform((value, context) => measured(typeof value === 'number' ? value : parseSize(value), 1, SIZE, context));
}

/** A duration in milliseconds of at least `min`. */
function duration(min: 0 | 1) {
  const what = `a duration${min === 0 ? '' : ' above zero'} such as 5ms, 10s or 7d`;
  return z
    .string(expected(what))
    .regex(DURATION_PATTERN, expected(what))
    .transform((value, context) => measured(parseDuration(value), min, what, context));
}

function measured(amount: number | undefined, min: number, what: string, context: z.RefinementCtx): number {
  if (amount !== undefined && amount >= min) return amount;
  context.addIssue({ code: 'custom', message: what });
  return z.NEVER;
}

const HOST_PORT = /^[^\s:/@]+:[0-9]{1,5}$|^\[[0-9a-fA-F:]+\]:[0-9]{1,5}$/;
const PREFIX = 'up to 40 letters, digits, ".", "_" and "-"';

function path(description: string) {
  return text('a path').describe(`${description} Relative to this file.`);
}

function oneOf<const V extends readonly [string, ...string[]]>(values: V) {
  return z.enum(values, expected(values.map((value) => `"${value}"`).join(' or ')));
}

const sessionTimeout = duration(1)
  .describe('After this long without a sign of life a consumer loses its partitions.')
  .prefault('10s');

const sqliteLog = section({
  type: oneOf(['sqlite']).default('sqlite'),
  folder: path('Folder of the log. Default: .ordo/<name>.').optional(),
  sessionTimeout,
});

const tls = section(
  {
    ca: path(
      "Certificates of the authorities that sign the brokers' (PEM). Default: those that Node knows.",
    ).optional(),
    cert: path('Certificate of the client (PEM), for clusters that ask for one.').optional(),
    key: secretSchema.optional().describe('Private key of the client (PEM).'),
    serverName: text('a host name').optional().describe("Name in the brokers' certificates, if not the host's."),
  },
  'TLS to the brokers; an empty mapping turns it on.',
);

const sasl = section(
  {
    mechanism: oneOf(['plain', 'scram-sha-256', 'scram-sha-512']),
    username: z.union([text('a name'), secretSchema], expected('a name, { env: NAME } or { file: PATH }')),
    password: secretSchema,
  },
  'Login at the brokers.',
);

const kafkaLog = section({
  type: oneOf(['kafka']),
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

const log = z
  .discriminatedUnion('type', [sqliteLog, kafkaLog], {
    error: (issue) => (issue.code === 'invalid_union' ? '"sqlite" or "kafka"' : 'a mapping with a type'),
  })
  .describe('The durable log between the stages.');

const retention = section(
  {
    maxBytes: size().optional().describe('Bytes kept of each topic; the oldest records go first.'),
    maxAge: duration(1).optional().describe('Age up to which records are kept.'),
  },
  'Bounds beyond which records are deleted; an empty mapping keeps everything.',
);

const topics = section({
  partitions: whole(1, 1024).describe('Partitions of each topic: the most consumers side by side.').default(4),
  retention: retention.prefault({ maxAge: '7d', maxBytes: '4GiB' }),
});

const claimCheck = section(
  {
    above: size().describe('Images above this size are put beside the log.').prefault('256KiB'),
    folder: path('Where they are put. Default: blobs in the folder of the log.').optional(),
    allowFolders: z
      .array(path('A folder.'), expected('a list of paths'))
      .describe('Other folders that file: references may point into.')
      .default([]),
    allowHosts: z
      .array(text('a host name'), expected('a list of host names'))
      .describe('Hosts that http: and https: references may name; * allows any public one.')
      .default([]),
    allowPrivate: z
      .boolean(expected('true or false'))
      .describe('Whether such hosts may have private or loopback addresses.')
      .default(false),
    timeout: duration(1).describe('Longest wait for such a host.').prefault('10s'),
  },
  'Images too large to travel in a record, and references that producers send instead of bytes.',
);

const images = section(
  {
    maxBytes: size().describe('Largest image file.').prefault('20MiB'),
    maxPixels: whole(1).describe('Most pixels, width times height.').default(50_000_000),
    timeout: duration(1).describe('Longest time to decode an image.').prefault('10s'),
    maxAge: duration(1).optional().describe('An image older than this expires instead of being scored.'),
    claimCheck: claimCheck.prefault({}),
  },
  'What the tokenizer accepts.',
);

const scoring = section({
  provider: oneOf(['cpu']).default('cpu'),
  workers: z
    .union([z.literal('auto'), whole(1, 1024)], expected('"auto" or a whole number from 1 to 1024'))
    .describe('Worker threads; auto takes one for each core.')
    .default('auto'),
  tileRows: whole(1, 4096).describe('Rows of a micro-batch.').default(16),
  maxDelay: duration(0).describe('Longest wait of a row for its micro-batch to fill.').prefault('5ms'),
  maxImages: whole(1).describe('Most images in flight in one process.').default(64),
});

const screen = section(
  {
    prefix: whole(1).describe('Tokens read of the one order.').default(32),
    keep: whole(1).describe('Most classes that survive.').default(16),
  },
  'The first round: one order over all classes, at a short prefix.',
);

const bound = section(
  {
    errors: atLeastZero().describe('Standard errors of the mean paired margin.').default(2),
    floor: atLeastZero().describe('Least margin in nats, divided by the root of the number of orders.').default(3),
  },
  'How far behind the best a class is dropped.',
);

const staged = section({
  kind: z.literal('staged'),
  screen: screen.prefault({}),
  prefix: whole(1).describe('Tokens read of each order after the first round.').default(64),
  maxOrders: whole(1).describe('Most orders read at that prefix.').default(8),
  ordersPerRound: whole(1).default(1),
  bound: bound.prefault({}),
});

const fixed = section({
  kind: z.literal('fixed'),
  orders: whole(1).describe('Orders read over all classes.').default(4),
  prefix: whole(1).describe('Tokens read of each order.').default(64),
});

const plan = z
  .discriminatedUnion('kind', [staged, fixed], {
    error: (issue) => (issue.code === 'invalid_union' ? '"staged" or "fixed"' : 'a mapping with a kind'),
  })
  .describe('Which orders are read how far for which classes.');

const decision = section(
  {
    statistic: oneOf(['mean-log-likelihood', 'mean-posterior', 'log-mean-exp']).default('mean-log-likelihood'),
    plan: plan.prefault({ kind: 'staged' }),
    priors: z
      .array(atLeastZero(), expected('a list of numbers'))
      .optional()
      .describe('Probability of each class before the image is seen. Default: all the same.'),
    temperature: positive().describe('Divides log-likelihoods before they become posteriors.').default(1),
    top: whole(1).describe('How many of the most probable classes a label lists.').default(5),
  },
  'How evidence becomes a label.',
);

const NAME = 'a name of 1 to 100 letters, digits, - and _';
const URL_TEXT = 'an http: or https: URL';

/** The pipeline file: its syntax, defaults and units. Every message is the text of what was expected. */
export const pipelineSchema = section({
  name: z
    .string(expected(NAME))
    .regex(/^[a-zA-Z0-9_-]{1,100}$/, expected(NAME))
    .describe('Names the topics and the consumer groups.'),
  model: path('The model folder.'),
  log: log.prefault({ type: 'sqlite' }),
  topics: topics.prefault({}),
  images: images.prefault({}),
  scoring: scoring.prefault({}),
  decision: decision.prefault({}),
  health: section({
    host: text('a host name or address').default('127.0.0.1'),
    port: whole(0, 65_535).describe('0 takes any free port.').default(9464),
  }).prefault({}),
  tracing: section({
    endpoint: z
      .url({ protocol: /^https?$/, error: URL_TEXT })
      .describe('OTLP/HTTP endpoint for traces; the environment variable OTEL_EXPORTER_OTLP_ENDPOINT overrides it.'),
  }).optional(),
});

export type PipelineFile = z.output<typeof pipelineSchema>;

/** JSON Schema (2020-12) of the pipeline file as people write it, for editors. */
export function pipelineJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(pipelineSchema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return { $schema, title: 'Ordo pipeline', ...schema };
}
