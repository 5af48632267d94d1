import { Command, InvalidArgumentError, Option } from 'commander';
import { stageInputs } from '../app/lag.ts';
import { groupName, STAGES, type StageName } from '../app/spec.ts';
import { asOrdoError, OrdoError } from '../errors.ts';
import type { Log, TopicInfo, TopicPartition } from '../ports/log.ts';
import { requireTopics } from './known-topics.ts';
import { jsonOption, moment, whole } from './options.ts';
import { openOutput } from './output.ts';
import { readPipeline, withLog } from './pipeline.ts';
import { outliveReader } from './reader.ts';

/** Where to: an end of the log, an offset, or the first record from a moment on. */
type Target = 'earliest' | 'latest' | { offset: number } | { ms: number };

interface Options {
  stage: StageName;
  to: Target;
  topic?: string;
  partition?: number;
  dryRun?: boolean;
  json?: boolean;
}

export function resetCommand(): Command {
  return new Command('reset')
    .description('Move a stage to another place in the log')
    .argument('<pipeline>', 'pipeline file')
    .addOption(new Option('--stage <name>', 'the stage').choices(STAGES).makeOptionMandatory())
    .addOption(
      new Option('--to <where>', 'earliest, latest, an offset, a time, or how long ago (2h)')
        .argParser(parseTarget)
        .makeOptionMandatory(),
    )
    .option('--topic <name>', 'only this topic of those that the stage reads')
    .option('--partition <n>', 'only this partition', whole(0))
    .option('--dry-run', 'show what would change')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(reset);
}

const HELP = `
The stage must not be running. Records read again give the same labels again, with the same ids; but an image that has
expired by then (images.maxAge), or whose claim check is gone, gets the outcome expired or failed after its label. Those
who keep outcomes let only a label take the place of a label (docs/records.md).
A time is looked for as if those of a partition only grew. Where the log's clock was set back meanwhile, records may be
passed over: take a time before that, or an offset.
With --json each partition gives {"topic", "partition", "from", "to", "dryRun"}; "from" is null if nothing was committed.

Examples:
  $ ordo reset pipelines/traffic-signs.yaml --stage tokenize --to earliest --dry-run
  $ ordo reset pipelines/traffic-signs.yaml --stage score --to 2026-01-31T12:00:00Z`;

function parseTarget(text: string): Target {
  if (text === 'earliest' || text === 'latest') return text;
  if (/^[0-9]+$/.test(text)) return { offset: whole(0)(text) };
  try {
    return { ms: moment(text) };
  } catch {
    throw new InvalidArgumentError('It must be earliest, latest, an offset, a time, or how long ago, such as 2h.');
  }
}

async function reset(file: string, options: Options): Promise<void> {
  const { stage, to, dryRun = false } = options;
  outliveReader();
  const output = openOutput(options);
  const spec = await readPipeline(file);
  const group = groupName(spec, stage);
  const inputs = stageInputs(spec, stage);
  await withLog(spec, async (log) => {
    const places = select(await log.topics(inputs), inputs, options);
    const moves = await Promise.all(places.map(async (place) => ({ ...place, to: await resolve(log, place, to) })));
    const committed = await log.committed(group);
    if (!dryRun) await move(log, group, stage, moves);
    for (const { topic, partition, to: offset } of moves) {
      const from = committed.find((one) => one.topic === topic && one.partition === partition)?.offset ?? null;
      const text = `${topic} ${partition}: ${dryRun ? 'would move ' : ''}${from ?? 'nothing committed'} -> ${offset}`;
      output.result({ topic, partition, from, to: offset, dryRun }, text);
    }
  });
}

interface Place extends TopicPartition {
  start: number;
  end: number;
}

function select(topics: readonly TopicInfo[], inputs: readonly string[], { topic, partition }: Options): Place[] {
  if (topic !== undefined && !inputs.includes(topic)) {
    throw new OrdoError('USAGE', `the stage reads ${inputs.join(' and ')}, not ${topic}`);
  }
  const wanted = topic === undefined ? inputs : [topic];
  requireTopics(wanted, topics);
  const places = topics
    .filter(({ name }) => wanted.includes(name))
    .flatMap(({ name, offsets }) => offsets.map((ends, index) => ({ topic: name, partition: index, ...ends })))
    .filter((place) => partition === undefined || place.partition === partition);
  if (places.length === 0) throw new OrdoError('USAGE', `there is no partition ${partition}`);
  return places;
}

async function resolve(log: Log, { topic, partition, start, end }: Place, to: Target): Promise<number> {
  if (to === 'earliest') return start;
  if (to === 'latest') return end;
  if ('ms' in to) return await offsetAt(log, { topic, partition, start, end }, to.ms);
  if (to.offset >= start && to.offset <= end) return to.offset;
  throw new OrdoError(
    'LOG_OFFSET_INVALID',
    `${topic} ${partition} holds the offsets ${start} to ${end}, not ${to.offset}`,
  );
}

/**
 * The first offset whose record is from that moment or later, by bisection: where the log's clock was set back, it may be
 * a later one.
 */
async function offsetAt(log: Log, { topic, partition, start, end }: Place, ms: number): Promise<number> {
  let [low, high] = [start, end];
  while (low < high) {
    const offset = Math.floor((low + high) / 2);
    const [record] = await log.read({ topic, partition, offset, maxRecords: 1, waitMs: 0 });
    if (!record || record.timestampMs >= ms) high = offset;
    else low = record.offset + 1;
  }
  return low;
}

async function move(
  log: Log,
  group: string,
  stage: StageName,
  moves: readonly (Place & { to: number })[],
): Promise<void> {
  const offsets = moves.map(({ topic, partition, to }) => ({ topic, partition, offset: to, metadata: '' }));
  await log.resetOffsets(group, offsets).catch((cause: unknown) => {
    if (asOrdoError(cause).code !== 'LOG_FENCED') throw cause;
    throw new OrdoError('LOG_FENCED', `the stage ${stage} is running: stop it first`, { cause });
  });
}
