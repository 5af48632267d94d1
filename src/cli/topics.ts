import { Command, InvalidArgumentError } from 'commander';
import type { TopicChange, TopicPlan, WantedConsumers } from '../app/topics.ts';
import { STAGES } from '../app/spec.ts';
import { EXIT } from './exit.ts';
import { jsonOption } from './options.ts';
import { openOutput, type Output } from './output.ts';
import { readPipeline } from './pipeline.ts';
import { outliveReader } from './reader.ts';
import { counted } from './views.ts';

interface Options {
  consumers?: WantedConsumers;
  grow?: boolean;
  json?: boolean;
}

export function topicsCommand(): Command {
  const plan = new Command('plan')
    .description('Show how the topics on the cluster differ from what the pipeline needs')
    .addHelpText('after', PLAN_HELP);
  const apply = new Command('apply')
    .description('Create and adjust the topics that the pipeline needs')
    .addHelpText('after', APPLY_HELP);
  for (const command of [plan, apply]) {
    command
      .argument('<pipeline>', 'pipeline file')
      .option('--consumers <stage=n,...>', 'how many processes of each stage are wanted', consumers)
      .option('--grow', 'add partitions where a topic has too few')
      .addOption(jsonOption())
      .action((file: string, options: Options) => run(file, options, command === apply));
  }
  return new Command('topics')
    .description('Look after the topics on a Kafka cluster')
    .addCommand(plan)
    .addCommand(apply);
}

const SHARED_HELP = `
Topics hold: images, labels, dead letters and what was done with them (named by the pipeline), tasks and evidence (named
by the pipeline and the model). Adding partitions sends keys to other ones, so records of a stream may overtake one
another for a moment: it is done only with --grow. With --json each topic that differs gives {"topic", "create",
"partitions": {"from", "to"}, "settings": [{"name", "from", "to"}], "applied"}, then each stage with too few partitions
{"stage", "consumers", "partitions"}; where there is nothing of either, the one line is {"changes": 0}.`;

const PLAN_HELP = `
The exit code is 1 if something differs.
${SHARED_HELP}

Examples:
  $ ordo topics plan pipelines/traffic-signs.kafka.yaml
  $ ordo topics plan pipelines/traffic-signs.kafka.yaml --consumers score=8,tokenize=2`;

const APPLY_HELP = `
Applying again changes nothing. The exit code is 1 if topics stay too small for want of --grow.
${SHARED_HELP}

Example:
  $ ordo topics apply pipelines/traffic-signs.kafka.yaml`;

function consumers(text: string): WantedConsumers {
  const entries = text.split(',').map((part): [string, number] => {
    const [, stage = '', count = ''] = /^(\w+)=([1-9][0-9]*)$/.exec(part) ?? [];
    const known = STAGES.find((name) => name === stage);
    if (!known) throw new InvalidArgumentError(`It must be a list such as score=8 of ${STAGES.join(', ')}.`);
    return [known, Number(count)];
  });
  return Object.fromEntries(entries);
}

async function run(file: string, options: Options, apply: boolean): Promise<void> {
  const { grow = false, consumers: wanted = {} } = options;
  if (apply) outliveReader();
  const output = openOutput(options);
  const spec = await readPipeline(file);
  const { planTopics } = await import('../app/topics.ts');
  const plan = await planTopics(spec, { consumers: wanted, apply, grow });
  show(plan, output);
  if (plan.left.length > 0) process.exitCode = EXIT.someFailed;
}

function show({ changes, left, short }: TopicPlan, output: Output): void {
  const remains = new Map(left.map((change) => [change.topic, change]));
  for (const change of changes) {
    const rest = remains.get(change.topic);
    if (rest) output.result({ ...rest, applied: false }, `to do  ${describe(rest)}`);
    else output.result({ ...change, applied: true }, `done  ${describe(change)}`);
  }
  for (const one of short) {
    const { stage, consumers: wanted, partitions } = one;
    const idle = `${wanted - partitions} would stand idle`;
    output.result(one, `${stage}: ${counted(partitions, 'partition')} for ${wanted} processes: ${idle}`);
  }
  if (changes.length + short.length === 0) output.result({ changes: 0 }, 'The topics are as the pipeline needs them');
}

function describe({ topic, create, partitions, settings }: TopicChange): string {
  const size = create ? `new, ${counted(partitions.to, 'partition')}` : '';
  const growth = !create && partitions.to > partitions.from ? `partitions ${partitions.from} -> ${partitions.to}` : '';
  const values = settings.map(({ name, from, to }) =>
    from === undefined ? `${name} ${to}` : `${name} ${from} -> ${to}`,
  );
  return `${topic}: ${[size, growth, ...values].filter((part) => part !== '').join(', ')}`;
}
