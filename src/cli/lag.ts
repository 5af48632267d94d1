import { Command } from 'commander';
import { type PartitionLag, stageInputs, stageLag } from '../app/lag.ts';
import { groupName, type PipelineSpec, STAGES, type StageName } from '../app/spec.ts';
import type { Log, TopicPartition } from '../ports/log.ts';
import { requireTopics } from './known-topics.ts';
import { jsonOption } from './options.ts';
import { openOutput } from './output.ts';
import { readPipeline, withLog } from './pipeline.ts';
import { counted, table } from './views.ts';

export function lagCommand(): Command {
  return new Command('lag')
    .description('Show how far the stages of a pipeline are behind')
    .argument('<pipeline>', 'pipeline file')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(lag);
}

const HELP = `
With --json: {"pipeline", "lag", "stages": [{"stage", "group", "lag", "members", "partitions": [{"topic", "partition",
"start", "end", "committed", "lag", "member", "committedAt", "secondsSinceCommit"}]}]}. What was never committed counts
from the start of the partition; "committed", "member" and the times are null where there is none. Topics that are
not there end the command: it does not take them for work that is done.

Example:
  $ ordo lag pipelines/traffic-signs.yaml --json | jq .lag`;

type PartitionView = Omit<PartitionLag, 'committed'> & {
  committed: number | null;
  /** The id of the member that owns the partition. */
  member: string | null;
  /** ISO 8601. */
  committedAt: string | null;
  secondsSinceCommit: number | null;
};

interface StageLag {
  stage: StageName;
  group: string;
  lag: number;
  members: number;
  partitions: PartitionView[];
}

async function lag(file: string, options: { json?: boolean }): Promise<void> {
  const output = openOutput(options);
  const spec = await readPipeline(file);
  const stages = await withLog(spec, (log) => Promise.all(STAGES.map((stage) => readStage(stage, spec, log))));
  const total = sum(stages);
  output.result({ pipeline: spec.name, lag: total, stages }, `${lagTable(stages)}\n\n${totals(stages, total)}`);
}

async function readStage(stage: StageName, spec: PipelineSpec, log: Log): Promise<StageLag> {
  const group = groupName(spec, stage);
  const [lags, groups] = await Promise.all([stageLag(log, spec, stage), log.groups()]);
  const found = lags.map(({ topic: name }) => ({ name }));
  requireTopics(stageInputs(spec, stage), found);
  const members = groups.find((one) => one.group === group)?.members ?? [];
  const partitions = lags.map(({ committed, ...place }) => ({
    ...place,
    committed: committed?.offset ?? null,
    member: members.find((member) => member.partitions.some((one) => samePlace(one, place)))?.id ?? null,
    ...commitTime(committed?.committedAtMs),
  }));
  return { stage, group, lag: sum(partitions), members: members.length, partitions };
}

function commitTime(atMs: number | undefined): Pick<PartitionView, 'committedAt' | 'secondsSinceCommit'> {
  if (atMs === undefined) return { committedAt: null, secondsSinceCommit: null };
  return { committedAt: new Date(atMs).toISOString(), secondsSinceCommit: Math.max(0, (Date.now() - atMs) / 1000) };
}

function samePlace(a: TopicPartition, b: TopicPartition): boolean {
  return a.topic === b.topic && a.partition === b.partition;
}

function sum(parts: readonly { lag: number }[]): number {
  return parts.reduce((total, part) => total + part.lag, 0);
}

function lagTable(stages: readonly StageLag[]): string {
  const head = ['stage', 'topic', 'partition', 'end', 'committed', 'lag', 'last commit', 'member'];
  const rows = stages.flatMap(({ stage, partitions }) =>
    partitions.map((one) => [
      stage,
      one.topic,
      one.partition,
      one.end,
      one.committed ?? '-',
      one.lag,
      one.secondsSinceCommit === null ? '-' : `${one.secondsSinceCommit.toFixed(1)} s ago`,
      one.member ?? '-',
    ]),
  );
  return table(head, rows);
}

function totals(stages: readonly StageLag[], total: number): string {
  const parts = stages.map(({ stage, lag: behind, members }) => `${stage} ${behind} (${counted(members, 'member')})`);
  return `Lag: ${parts.join(', ')}; ${counted(total, 'record')} in all`;
}
