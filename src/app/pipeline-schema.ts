import { z } from 'zod';
import { PROVIDERS } from '../ports/scorer.ts';
import {
  atLeastZero,
  duration,
  expected,
  oneOf,
  openHttpUrl,
  path,
  positive,
  section,
  size,
  text,
  wait,
  whole,
} from './fields.ts';
import { images } from './images-schema.ts';
import { log } from './log-schema.ts';

const retention = section(
  {
    maxBytes: size()
      .optional()
      .describe('Bytes kept of each topic, on Kafka of each partition; the oldest records go first.'),
    maxAge: duration(1).optional().describe('Age up to which records are kept.'),
  },
  'Bounds beyond which records are deleted; an empty mapping keeps everything.',
);

const topics = section(
  {
    partitions: whole(1, 1024).describe('Partitions of each topic: the most consumers side by side.').default(4),
    retention: retention.prefault({ maxAge: '7d', maxBytes: '4GiB' }),
  },
  'How the topics of the pipeline are laid out, and how long they keep records.',
);

const scoring = section(
  {
    provider: oneOf(PROVIDERS)
      .describe('What computes. Accelerators are compared with the CPU at the start, and refused if they are off.')
      .default('cpu'),
    precision: oneOf(['fp32', 'int8'])
      .describe(
        "int8 takes the model's quantized graph, if it has one: faster on most processors, and nearly as accurate.",
      )
      .default('fp32'),
    deviceId: whole(0).describe('Which of several GPUs, for cuda.').default(0),
    workers: z
      .union([z.literal('auto'), whole(1, 1024)], expected('"auto" or a whole number from 1 to 1024'))
      .describe('Worker threads with a session each; auto takes one for each core, and one on an accelerator.')
      .default('auto'),
    tileRows: whole(1, 4096).describe('Rows of a micro-batch.').default(16),
    maxDelay: wait(0).describe('Longest wait of a row for its micro-batch to fill.').prefault('5ms'),
    maxImages: whole(1)
      .describe(
        'Most images in flight in one process. A quarter more may be in hand while one partition holds all, and as many tried again.',
      )
      .default(64),
  },
  'How a process of the score stage computes log-likelihoods.',
);

const screen = section({
  prefix: whole(1).describe('Tokens read of its one order. Default: 32, or all if there are fewer.').optional(),
  keep: whole(1).describe('Most classes that survive.').default(16),
  within: atLeastZero().describe('Most nats behind the best that a class survives with. Default: any.').optional(),
});

const propose = section(
  {
    keep: whole(2).describe('Most classes that are read.').default(16),
    within: atLeastZero()
      .describe("Most nats of log-posterior behind the proposer's best that a class is read with. Default: any.")
      .optional(),
  },
  "Classes are narrowed by the model's proposer before the first round. Default: all are read.",
);

const bound = section(
  {
    errors: atLeastZero().describe('Standard errors of its mean distance to the best; 0 after one order.').default(2),
    floor: atLeastZero().describe('Nats, divided by the root of the number of orders read.').default(3),
  },
  'Classes are dropped that are further behind the best, on average over orders, than the larger of both.',
);

const staged = section({
  kind: z.literal('staged').describe('Rounds over fewer and fewer classes, as many as an image needs.'),
  propose: propose.optional(),
  screens: z
    .array(screen, expected('a list of screens'))
    .describe('The first rounds, of one order each: over all classes, then over those that survived.')
    .prefault([{}]),
  prefix: whole(1).describe('Tokens read of each order after the screens. Default: all.').optional(),
  maxOrders: whole(1).describe('Most orders read at that prefix, with those of screens that read as far.').default(8),
  ordersPerRound: whole(1).describe('Orders read at that prefix before classes are dropped again.').default(1),
  bound: bound.prefault({}),
});

const fixed = section({
  kind: z.literal('fixed').describe('One round over all classes, the same for every image.'),
  orders: whole(1).describe('Orders read over all classes.').default(4),
  prefix: whole(1).describe('Tokens read of each order. Default: all.').optional(),
});

const plan = z
  .discriminatedUnion('kind', [staged, fixed], {
    error: (issue) => (issue.code === 'invalid_union' ? '"staged" or "fixed"' : 'a mapping with a kind'),
  })
  .describe('Which orders are read how far for which classes.');

const decision = section(
  {
    statistic: oneOf(['mean-log-likelihood', 'mean-posterior', 'log-mean-exp'])
      .describe(
        "What is averaged over orders: log-likelihoods, each order's posteriors, or likelihoods (of which the log is taken).",
      )
      .default('mean-log-likelihood'),
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

const load = section(
  {
    floor: whole(1).describe('Fewest orders.').default(1),
    from: whole(0).describe('Records that the score stage may be behind before orders are taken away.'),
    to: whole(1).describe('Records behind from which on only the fewest are read.'),
  },
  'Fewer orders while the score stage is behind: a label then depends on the load, and says so. Default: never fewer.',
);

const NAME = 'a name of 1 to 100 letters, digits, - and _';

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
  load: load.optional(),
  health: section(
    {
      host: text('a host name or address')
        .describe('Where it listens; 0.0.0.0: on every address.')
        .default('127.0.0.1'),
      port: whole(0, 65_535).describe('0 takes any free port.').default(9464),
      names: z
        .array(text('a host name'), expected('a list of host names'))
        .describe('Names under which browsers may ask for the console, besides localhost and addresses.')
        .default([]),
    },
    'The HTTP server of each process: health, metrics, and the console where all stages run.',
  ).prefault({}),
  tracing: section(
    {
      endpoint: openHttpUrl(' (OTEL_EXPORTER_OTLP_HEADERS can hold a header for it)').describe(
        'OTLP/HTTP endpoint for traces; the environment variable OTEL_EXPORTER_OTLP_ENDPOINT overrides it.',
      ),
    },
    'A span for each record that a stage handles. Default: none, unless OTEL_EXPORTER_OTLP_ENDPOINT is set.',
  ).optional(),
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
