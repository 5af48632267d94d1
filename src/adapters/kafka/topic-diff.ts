import type { TopicSettings } from './topics.ts';

/** A topic as a pipeline wants it, or as a cluster has it; by the cluster's name. */
export interface TopicState {
  name: string;
  partitions: number;
  settings: TopicSettings;
}

/** What sets a topic apart from what is wanted of it. */
export interface TopicChange {
  topic: string;
  /** Whether the topic has yet to be created. */
  create: boolean;
  /** Partitions that it has (0: none yet) and that it should have. */
  partitions: { from: number; to: number };
  /** Settings that differ; `from` is absent where the topic does not exist. */
  settings: { name: string; from?: string; to: string }[];
}

/** What must be changed, topic by topic; topics that are as wanted are left out. More partitions than wanted are well. */
export function diffTopics(wanted: readonly TopicState[], existing: ReadonlyMap<string, TopicState>): TopicChange[] {
  return wanted.map((one) => diffTopic(one, existing.get(one.name))).filter(isChange);
}

/** Whether the topic has fewer partitions than wanted. Adding some sends keys to other partitions, so it is asked for. */
export function mustGrow({ create, partitions }: TopicChange): boolean {
  return !create && partitions.to > partitions.from;
}

function diffTopic({ name, partitions, settings }: TopicState, found: TopicState | undefined): TopicChange {
  const entries = Object.entries(settings).filter(([key, value]) => found?.settings[key] !== value);
  return {
    topic: name,
    create: !found,
    partitions: { from: found?.partitions ?? 0, to: Math.max(partitions, found?.partitions ?? 0) },
    settings: entries.map(([key, to]) => {
      const from = found?.settings[key];
      return { name: key, to, ...(from !== undefined && { from }) };
    }),
  };
}

function isChange(change: TopicChange): boolean {
  return change.create || mustGrow(change) || change.settings.length > 0;
}
