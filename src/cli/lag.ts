import { Command } from 'commander';
import { groupName, type PipelineSpec, STAGES, type StageName } from '../app/spec.ts';
import type { Log } from '../ports/log.ts';
import { jsonOption } from './options.ts';
import { openOutput } from './output.ts';
import { readPipeline, withLog } from './pipeline.ts';
import { stageInputs } from './stages.ts';
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
from the start of the partition; "committed", "member" and the times are null where there is none.

Example:
  $ ordo lag pipelines/traffic-signs.yaml --json | jq .lag`;

interface PartitionLag {
  topic: string;
  partition: number;
  start: number;
  end: number;
  committed: number | null;
  lag: number;
  member: string | null;
  committedAt: string | null;
  secondsSinceCommit: number | null;
}

interface StageLag {
  stage: StageName;
  group: string;
  lag: number;
  members: number;
  partitions: PartitionLag[];
}

async function lag(file: string, options: { json?: boolean }): Promise<void> {
  const output = openOutput(options);
  const spec = await readPipeline(file);
  const stages = await withLog(spec, (log) => Promise.all(STAGES.map((stage) => stageLag(stage, spec, log))));
  const total = sum(stages);
  output.result({ pipeline: spec.name, lag: total, stages }, `${lagTable(stages)}\n\n${totals(stages, total)}`);
}

async function stageLag(stage: StageName, { name }: PipelineSpec, log: Log): Promise<StageLag> {
  const group = groupName(name, stage);
  const inputs = stageInputs(name, stage);
  const [topics, committed, groups] = await Promise.all([log.topics(), log.committed(group), log.groups()]);
  const members = groups.find((one) => one.group === group)?.members ?? [];
  const partitions = topics
    .filter((topic) => inputs.includes(topic.name))
    .flatMap((topic) => topic.offsets.map((offsets, partition) => ({ topic: topic.name, partition, ...offsets })))
    .map((place): PartitionLag => {
      const here = (one: { topic: string; partition: number }) =>
        one.topic === place.topic && one.partition === place.partition;
      const commit = committed.find(here);
      const at = commit?.committedAtMs;
      return {
        ...place,
        committed: commit?.offset ?? null,
        lag: place.end - Math.min(place.end, Math.max(place.start, commit?.offset ?? 0)),
        member: members.find((member) => member.partitions.some(here))?.id ?? null,
        committedAt: at === undefined ? null : new Date(at).toISOString(),
        secondsSinceCommit: at === undefined ? null : Math.max(0, (Date.now() - at) / 1000),
      };
    });
  return { stage, group, lag: sum(partitions), members: members.length, partitions };
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
